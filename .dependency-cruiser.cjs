// The house's layout as a machine checks it: which room of src/ may import which room and which
// package. The table with the reasons is in CONTRIBUTING.md; change both together.
const rooms = {
  shared: { rooms: [], packages: [] },
  records: { rooms: ['shared'], packages: ['zod'] },
  stats: { rooms: ['shared'], packages: [] },
  config: { rooms: ['shared'], packages: ['zod', 'yaml', 'fastest-levenshtein'], node: true },
  onnx: { rooms: ['shared', 'records'], packages: ['@bufbuild/protobuf'], node: true },
  datasets: { rooms: ['shared', 'config', 'records'], packages: ['sharp'], node: true },
  runtime: { rooms: ['shared', 'config', 'records'], packages: ['onnxruntime-node'], node: true },
  measure: {
    rooms: ['shared', 'config', 'records', 'stats', 'onnx', 'datasets', 'runtime'],
    packages: ['tinybench', 'systeminformation'],
    node: true,
  },
  quantize: {
    // store: its files are written, and its scratch folders tidied, like the store's own.
    rooms: ['shared', 'config', 'records', 'stats', 'onnx', 'datasets', 'runtime', 'measure', 'store'],
    packages: [],
    node: true,
  },
  store: { rooms: ['shared', 'config', 'records'], packages: ['canonicalize'], node: true },
  decide: { rooms: ['shared', 'config', 'records', 'stats'], packages: [] },
  // mdast: the types of the tree that the other two turn into text.
  report: {
    rooms: ['shared', 'records', 'stats'],
    packages: ['mdast-util-to-markdown', 'mdast-util-gfm', 'mdast', 'd3-scale'],
  },
  api: {
    rooms: ['shared', 'records', 'stats', 'config', 'decide', 'cli/work'],
    packages: ['zod'],
  },
  cli: {
    rooms: [
      ...['shared', 'records', 'config', 'onnx', 'datasets', 'runtime', 'measure', 'quantize'],
      ...['store', 'decide', 'report'],
    ],
    packages: ['yargs', 'cli-table3'],
    node: true,
  },
};

const escape = (text) => text.replaceAll(/[/.-]/g, String.raw`\$&`);
const anyOf = (names) => names.map(escape).join('|');

const doors = Object.entries(rooms).flatMap(([room, may]) => [
  {
    name: `${room}-imports-only-its-rooms`,
    severity: 'error',
    comment: `src/${room} may import: ${['itself', ...may.rooms].join(', ')}.`,
    from: { path: `^src/${room}/` },
    to: { path: '^src/', pathNot: `^src/(${anyOf([room, ...may.rooms])})/` },
  },
  {
    name: `${room}-imports-only-its-packages`,
    severity: 'error',
    comment: `src/${room} may import the packages: ${may.packages.join(', ') || 'none'}.`,
    from: { path: `^src/${room}/` },
    to: {
      path: 'node_modules/',
      ...(may.packages.length > 0 && { pathNot: `node_modules/(@types/)?(${anyOf(may.packages)})/` }),
    },
  },
  ...(may.node
    ? []
    : [
        {
          name: `${room}-is-pure`,
          severity: 'error',
          comment: `src/${room} touches no disk, clock or process: no node: modules.`,
          from: { path: `^src/${room}/` },
          to: { dependencyTypes: ['core'] },
        },
      ]),
]);

module.exports = {
  forbidden: [
    ...doors,
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Data flows one way; a cycle means two files are one.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'index-is-a-door',
      severity: 'error',
      comment: 'src/index.ts is what the package exports: the room api and types; nothing inside imports it.',
      from: { path: '^src/', pathNot: '^src/index[.]ts$' },
      to: { path: '^src/index[.]ts$' },
    },
    {
      name: 'no-unknown-room',
      severity: 'error',
      comment: 'A new room needs a row in the table above and in CONTRIBUTING.md.',
      from: {},
      to: { path: '^src/', pathNot: `^src/((${anyOf(Object.keys(rooms))})/|index[.]ts$)` },
    },
    {
      name: 'src-imports-only-src',
      severity: 'error',
      comment: "The product depends on neither its tests nor its maintainers' scripts.",
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-unreachable',
      severity: 'error',
      comment: 'What nothing reaches is deleted.',
      from: {
        path: '^(src/index|src/cli/main|src/(measure|quantize|runtime)/[a-zA-Z]+Child|src/datasets/preprocessWorker|scripts/|test/.*\\.test)',
      },
      to: {
        path: '^src/',
        pathNot: '^src/((measure|quantize|runtime)/[a-zA-Z]+Child|datasets/preprocessWorker|cli/main|index)',
        reachable: false,
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    exclude: { path: '^dist/' },
  },
};
