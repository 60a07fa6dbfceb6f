import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

/** An object of Kubernetes, as its manifest says it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: any;
}

/** Whatever can build a folder with a `kustomization.yaml`; null where none is on the PATH. */
const kustomize = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(([program, word]) => spawnSync(program!, [word!, '--help'], { stdio: 'ignore' }).status === 0);

/** Builds a folder as `kubectl apply -k` does; null where Kustomize is not to be had. */
export const built =
  kustomize === undefined
    ? null
    : (folder: string): KubernetesObject[] => {
        const [program, ...words] = kustomize as [string, ...string[]];
        const { status, stdout, stderr } = spawnSync(program, [...words, folder], { encoding: 'utf8' });
        if (status !== 0) throw new Error(stderr);
        return documentsIn(stdout);
      };

/** @throws where it is no YAML */
export function documentsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // Merge keys are what Compose is written with.
    return document.contents === null ? [] : [document.toJS({ maxAliasCount: 1_000 }) as KubernetesObject];
  });
}

/** Groups that Kubernetes has no types of its own for. */
const FOREIGN = /^(monitoring\.coreos\.com|kustomize\.config\.k8s\.io)\//;

/**
 * Judges objects by the types that are made from Kubernetes' own description of its API, as the compiler does: a field that there
 * is none of, one that is missing, a word where a number belongs.
 * @returns what is wrong, a sentence each
 */
export function typeFaults(objects: readonly KubernetesObject[]): string[] {
  const known = objects.filter(({ apiVersion }) => !FOREIGN.test(apiVersion));
  const text = known
    .map(
      (object, place) =>
        `import type { ${object.kind} as Kind${place} } from '${moduleOf(object.apiVersion)}';\n` +
        `export const object${place}: Kind${place} = ${JSON.stringify(object, null, 1)};\n`,
    )
    .join('');
  const file = resolve('test/objects-of-kubernetes.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.fileExists = (name) => name === file || onDisk.fileExists(name);
  host.readFile = (name) => (name === file ? text : onDisk.readFile(name));
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, text, target) : onDisk.getSourceFile(name, target);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

function moduleOf(apiVersion: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const name = `kubernetes-types/${group!.split('.')[0]}/${version}`;
  if (!existsSync(resolve('node_modules', `${name}.d.ts`)))
    throw new Error(`There is no ${apiVersion} in ${name}.`);
  return name;
}
