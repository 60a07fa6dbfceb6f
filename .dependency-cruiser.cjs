/** The arrows of the house, as errors. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle cannot be read top to bottom.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'policy-is-pure',
      comment:
        'The rules import rules, number metadata and zone data. No framework, database, queue, clock or I/O.',
      severity: 'error',
      from: { path: '^libs/policy/', pathNot: '[.]spec[.]ts$' },
      to: { pathNot: ['^libs/policy/', '^node_modules/libphonenumber-js/', '^module$', '^node:module$'] },
    },
    {
      name: 'outside-things-do-not-know-each-other',
      comment: 'store, jobs, telephony, webhooks and number-files are joined by the apps.',
      severity: 'error',
      from: { path: '^libs/(store|jobs|telephony|webhooks|number-files)/' },
      to: { path: '^libs/(store|jobs|telephony|webhooks|number-files)/', pathNot: '^libs/$1/' },
    },
    {
      name: 'libs-do-not-know-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|test|bench)/' },
    },
    {
      name: 'environment-is-below-everything',
      severity: 'error',
      from: { path: '^libs/environment/' },
      to: { path: '^libs/', pathNot: '^libs/environment/' },
    },
    {
      name: 'metrics-know-names-and-no-parts',
      comment: 'Whatever counts may name a metric; where the figures come from, the apps say.',
      severity: 'error',
      from: { path: '^libs/metrics/' },
      to: { path: '^libs/', pathNot: '^libs/metrics/' },
    },
    {
      name: 'apps-do-not-know-each-other',
      comment: 'They meet in the database, the queue and over HTTP.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'the-carrier-is-no-part-of-the-house',
      comment: 'The judge shares nothing with the judged but settings.',
      severity: 'error',
      from: { path: '^apps/carrier/', pathNot: '[.]spec[.]ts$' },
      to: { path: '^libs/', pathNot: '^libs/environment/' },
    },
    {
      name: 'only-job-queue-adds',
      comment: 'Tickets are offered in one place.',
      severity: 'error',
      from: { path: '^libs/(store|telephony|webhooks|environment)/' },
      to: { path: '^node_modules/(bullmq|@nestjs/bullmq)/' },
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '[.]spec[.]ts$' },
      to: { path: '(^test/|[.]spec[.]ts$)' },
    },
    {
      name: 'nothing-needs-the-bench',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'no-dead-files',
      comment: 'Nothing reaches it from a process, a command or a test.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['[.]spec[.]ts$', '/main[.]ts$', '^bin/', '[.]d[.]ts$', '^test/'],
      },
      to: {},
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '[.]spec[.]ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['ringfence-source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
    exclude: { path: '^(dist|coverage)/' },
  },
};
