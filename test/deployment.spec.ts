import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CATALOG } from '#metrics/catalog.js';
import { Settings } from '#environment/settings.js';
import { CarrierSettings } from '../apps/carrier/carrier-settings.js';
import { promtool } from './promtool.js';
import { built, documentsIn, typeFaults, type KubernetesObject } from './kubernetes-types.js';

const FOLDER = 'deploy/kubernetes';
const OVERLAYS = ['house', 'migrate'].map((name) => `${FOLDER}/overlays/example/${name}`);

const read = (file: string) => readFileSync(file, 'utf8');
const manifest = JSON.parse(read('package.json')) as { version: string };
const operations = read('docs/operations.md');
const dockerfile = read('Dockerfile');
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, any> };
const ours = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `${FOLDER}/${name}`);
const objects = files
  .filter((file) => !/kustomization|prometheus-adapter/.test(file))
  .flatMap((file) => documentsIn(read(file)));
const secrets = read(`${FOLDER}/overlays/example/secrets.env.example`);

const ofKind = (kind: string, among: readonly KubernetesObject[] = objects) =>
  among.filter((object) => object.kind === kind);
const workloads = (among: readonly KubernetesObject[] = objects) => [
  ...ofKind('Deployment', among),
  ...ofKind('Job', among),
];
const podOf = ({ spec }: KubernetesObject) => spec.template.spec;
const containerOf = (object: KubernetesObject) => podOf(object).containers[0];

/** Names of settings, read from the classes' own text: fields without a default are on no instance. */
const settings = new Set(
  ['settings', 'carrier-settings'].flatMap((name) =>
    [...read(`libs/environment/${name}.ts`).matchAll(/^ {2}([A-Z][A-Z0-9_]+)\??:/gm)].map(
      ([, found]) => found!,
    ),
  ),
);

/** The longest that operations.md says a process takes to stop, in seconds. */
const longestStopSeconds = Math.max(
  ...[...(/give a dialer (.*?)\./.exec(operations)?.[1] ?? '').matchAll(/\d+/g)].map(Number),
);

describe('settings', () => {
  it('are read by their names', () => {
    expect(settings.size).toBeGreaterThan(40);
    // In small letters is what is made of them.
    const ofVariables = Object.keys(new Settings()).filter((name) => name === name.toUpperCase());
    expect(ofVariables.filter((name) => !settings.has(name))).toEqual([]);
  });

  it('have the names that there are, wherever they are set', () => {
    const ofCarrier = new Set([...settings, ...Object.keys(new CarrierSettings())]);
    for (const [name, { environment }] of ours) {
      const known = name === 'carrier' ? ofCarrier : settings;
      expect(
        Object.keys(environment).filter((setting) => !known.has(setting)),
        name,
      ).toEqual([]);
    }
    const literals = files
      .filter((file) => file.endsWith('kustomization.yaml'))
      .flatMap((file) => parse(read(file)).configMapGenerator ?? [])
      .flatMap((generator: { literals: string[] }) => generator.literals);
    const named = [
      ...literals.map((literal) => literal.split('=')[0]),
      ...[...secrets.matchAll(/^(\w+)=/gm)].map(([, name]) => name),
      ...objects.flatMap(namesOfKeys),
    ];
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !settings.has(name!))).toEqual([]);
  });

  it('are all there that Compose may be told, but those of development', () => {
    const unsaid = [...settings].filter(
      (name) =>
        !Object.hasOwn(compose.services.api.environment, name) &&
        !/^UNSAFE_|^FAULT_|^PORT|_PORT$|^QUEUE_PREFIX$/.test(name),
    );
    expect(unsaid).toEqual([]);
  });
});

/** Keys of secrets that an object names one by one. */
function namesOfKeys(object: KubernetesObject): string[] {
  return [...JSON.stringify(object).matchAll(/"name":"ringfence-secrets","key":"(\w+)"/g)].map(
    ([, key]) => key!,
  );
}

describe('the image', () => {
  it('has one name and the version of the package everywhere', () => {
    const images = [
      ...ours.map(([, { image }]) => image),
      ...workloads().map((object) => containerOf(object).image),
      `ringfence:${parse(read(`${FOLDER}/overlays/example/release/kustomization.yaml`)).images[0].newTag}`,
      `ringfence:${/ARG VERSION=(\S+)/.exec(dockerfile)?.[1]}`,
    ];
    expect(new Set(images)).toEqual(new Set([`ringfence:${manifest.version}`]));
  });

  it('stands on exact tags, as do the stores', () => {
    const bases = [
      ...[...dockerfile.matchAll(/^(?:ARG NODE_IMAGE=|FROM )(\S+)/gm)].map(([, image]) => image!),
      ...Object.values(compose.services).map(({ image }) => image as string),
    ].filter((image) => image !== '${NODE_IMAGE}');
    for (const image of bases) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)*$/);
  });

  it('runs as nobody in particular, starts no shell, and holds the programs that containers ask for', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK [^\n]*\\\n {2}CMD \["node"/m);
    const commands = [
      ...ours.map(([, { command, entrypoint }]) => [entrypoint ?? [], command].flat().join(' ')),
      ...workloads().map((object) => containerOf(object).command.join(' ')),
    ];
    for (const command of commands)
      expect(command).toMatch(/^node dist\/apps\/(api|dialer|carrier|cli)\/main\.js/);
  });
});

describe('containers', () => {
  it('have no rights, no file system to write to, and the time that a process takes to stop', () => {
    expect(longestStopSeconds).toBe(30);
    for (const [name, service] of ours) {
      expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
      expect(Number.parseInt(service.stop_grace_period), name).toBeGreaterThan(longestStopSeconds);
      expect(service.deploy.resources.limits, name).toMatchObject({
        memory: expect.anything(),
        pids: expect.anything(),
      });
    }
    for (const object of workloads()) {
      const { terminationGracePeriodSeconds, securityContext, automountServiceAccountToken } = podOf(object);
      const container = containerOf(object);
      expect(automountServiceAccountToken).toBe(false);
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(dockerfile).toContain(`USER ${securityContext.runAsUser}:${securityContext.runAsGroup}`);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toMatchObject({
        requests: expect.anything(),
        limits: { memory: expect.anything() },
      });
      if (object.kind === 'Job') continue;
      const pauseSeconds = container.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(terminationGracePeriodSeconds).toBeGreaterThan(longestStopSeconds + pauseSeconds);
    }
  });

  it('are found at the ports that the processes listen on', () => {
    const { PORT, ADMIN_PORT } = new Settings();
    const base = parse(read(`${FOLDER}/base/kustomization.yaml`));
    expect(base.configMapGenerator[0].literals).toEqual(
      expect.arrayContaining([`PORT=${PORT}`, `ADMIN_PORT=${ADMIN_PORT}`]),
    );
    expect(dockerfile).toContain(`EXPOSE ${PORT} ${ADMIN_PORT}`);
    expect(compose.services.api.ports).toEqual([`${PORT}:${PORT}`, `127.0.0.1:${ADMIN_PORT}:${ADMIN_PORT}`]);
    for (const deployment of ofKind('Deployment')) {
      const container = containerOf(deployment);
      const ports = Object.fromEntries(container.ports.map((port: any) => [port.name, port.containerPort]));
      expect(ports).toEqual({ admin: ADMIN_PORT, ...(ports.http === undefined ? {} : { http: PORT }) });
      expect(
        [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
          ({ httpGet }) => httpGet,
        ),
      ).toEqual(['/live', '/live', '/ready'].map((path) => ({ path, port: 'admin' })));
    }
    expect(ofKind('Service')[0]!.spec.ports[0].targetPort).toBe('http');
    expect(ofKind('PodMonitor')[0]!.spec.podMetricsEndpoints[0].port).toBe('admin');
  });

  it('are migrated for before they start', () => {
    for (const name of ['api', 'dialer'])
      expect(compose.services[name].depends_on.migrate).toEqual({
        condition: 'service_completed_successfully',
      });
    expect(compose.services.redis.command).toContain('--maxmemory-policy noeviction');
  });
});

describe('autoscalers', () => {
  const rules = parse(read(`${FOLDER}/autoscaling/prometheus-adapter.yaml`)).rules.external as {
    seriesQuery: string;
    metricsQuery: string;
  }[];

  it('go by metrics that are told, and that the adapter makes for them', () => {
    const asked = ofKind('HorizontalPodAutoscaler')
      .flatMap(({ spec }) => spec.metrics)
      .filter(({ type }) => type === 'External')
      .map(({ external }) => external.metric.name as string);
    expect(asked).toHaveLength(2);
    expect(asked.filter((name) => !Object.hasOwn(CATALOG, name))).toEqual([]);
    expect(rules.map(({ seriesQuery }) => seriesQuery.split('{')[0])).toEqual(asked);
    for (const [place, { metricsQuery }] of rules.entries())
      expect(metricsQuery).toContain(`max(${asked[place]}{`);
  });

  it('scale deployments that there are', () => {
    const names = ofKind('Deployment').map(({ metadata }) => metadata.name);
    const scaled = ofKind('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef.name);
    expect(scaled.sort()).toEqual(names.sort());
  });

  it.skipIf(promtool === null)(
    'ask Prometheus in its own language (skipped where promtool is not on the PATH)',
    async () => {
      const queries = rules.map(({ metricsQuery }) =>
        metricsQuery.replace('<<.LabelMatchers>>', 'namespace="ringfence"'),
      );
      const groups = [
        { name: 'adapter', rules: queries.map((expr, place) => ({ record: `query_${place}`, expr })) },
      ];
      const file = join(mkdtempSync(join(tmpdir(), 'adapter-')), 'rules.yml');
      writeFileSync(file, JSON.stringify({ groups }));
      const { status, output } = await promtool!(['check', 'rules', file]);
      rmSync(dirname(file), { recursive: true });
      expect(status, output).toBe(0);
    },
  );
});

describe('manifests', () => {
  it('are what Kubernetes knows, each by itself', () => {
    expect(objects.length).toBeGreaterThan(15);
    expect(typeFaults(objects)).toEqual([]);
  });

  it('are not, with a field that there is none of, or a word for a number', () => {
    const [misspelt] = structuredClone(ofKind('Deployment'));
    podOf(misspelt!).terminationGracePeriod = 30;
    expect(typeFaults([misspelt!])).toEqual([
      expect.stringMatching(/terminationGracePeriod.* does not exist in type 'PodSpec'/),
    ]);
    const [mistyped] = structuredClone(ofKind('Deployment'));
    containerOf(mistyped!).ports[0].containerPort = 'http';
    expect(typeFaults([mistyped!])).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });

  describe.skipIf(built === null)(
    'as Kustomize puts them together (skipped where neither kustomize nor kubectl is on the PATH)',
    () => {
      it.each(OVERLAYS)('%s', (overlay) => {
        const all = built!(overlay);
        expect(typeFaults(all)).toEqual([]);
        expect(all.filter(({ metadata }) => metadata.namespace !== 'ringfence')).toEqual([]);
        expect(workloads(all).length).toBe(overlay.endsWith('house') ? 2 : 1);
      });

      it('lead from services, budgets, policies and spread to the pods that there are', () => {
        const all = built!(OVERLAYS[0]!);
        const pods = ofKind('Deployment', all).map(({ spec }) => spec.template.metadata.labels);
        const matches = (selector: Record<string, string>) =>
          pods.filter((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value))
            .length;
        for (const { spec } of ofKind('PodDisruptionBudget', all))
          expect(matches(spec.selector.matchLabels)).toBe(1);
        expect(matches(ofKind('Service', all)[0]!.spec.selector)).toBe(1);
        for (const { spec } of ofKind('NetworkPolicy', all))
          expect(matches(spec.podSelector.matchLabels)).toBeGreaterThan(0);
        for (const deployment of ofKind('Deployment', all)) {
          // The autoscaler says how many.
          expect(deployment.spec.replicas).toBeUndefined();
          for (const { labelSelector } of podOf(deployment).topologySpreadConstraints)
            expect(matches(labelSelector.matchLabels)).toBe(1);
          const [settingsOf] = containerOf(deployment).envFrom;
          expect(ofKind('ConfigMap', all).map(({ metadata }) => metadata.name)).toContain(
            settingsOf.configMapRef.name,
          );
        }
      });
    },
  );
});
