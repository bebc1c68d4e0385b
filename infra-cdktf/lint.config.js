import root from '../eslint.config.js';

/** The project's rules, with the types of this folder: its packages are its own. `node test.mjs` runs it with the project's ESLint. */
export default [
  ...root.filter(({ ignores }) => ignores === undefined),
  { ignores: ['node_modules', 'cdktf.out', '**/*.mjs', '**/*.d.mts', 'eslint.config.js'] },
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
];
