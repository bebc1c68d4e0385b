import root from '../eslint.config.js';

/**
 * The project's rules, with the types of this folder: its packages are its own, and may not be there when the project is linted. So it has
 * not the name that ESLint looks for; `node test.mjs` runs it.
 */
export default [
  ...root.filter(({ ignores }) => ignores === undefined),
  { ignores: ['node_modules', 'cdktf.out', '**/*.mjs', '**/*.d.mts', 'lint.config.js'] },
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
];
