import tseslint from 'typescript-eslint';

// What an extract mode means is asked of its entry in core/extract-modes.ts.
const MODES = [
  `BinaryExpression[operator=/^[!=]==?$/]:has(> MemberExpression[property.name='mode']):has(> Literal[value=/^(interval|incremental|snapshot|changes|files)$/])`,
  `BinaryExpression[operator=/^[!=]==?$/]:has(> Identifier[name='mode']):has(> Literal[value=/^(interval|incremental|snapshot|changes|files)$/])`,
  `SwitchStatement:matches([discriminant.property.name='mode'], [discriminant.name='mode'])`,
  `:matches(Literal[value=/\\bmode = '[a-z]/], TemplateElement[value.raw=/\\bmode = '($|[a-z])/])`,
].map((selector) => ({
  selector,
  message: 'Ask modeOf(…) or modesThatCover(…) of core/extract-modes.ts, not for a mode by its name.',
}));

// A clean-up that fails in `finally` takes the place of its cause. What is caught, or never rejects, cannot.
const CLEAN_UPS = {
  selector: `TryStatement > BlockStatement.finalizer AwaitExpression:not([argument.callee.property.name=/^(allSettled|done)$/]):not(:has(MemberExpression[property.name='catch']))`,
  message: 'Use thenCleanUp(…) of core/clean-up.ts: a clean-up that fails must not hide why the work did.',
};

// Node collects such a timeout as garbage, and then it never aborts.
const LOST_TIMEOUTS = {
  selector: `CallExpression[callee.property.name='any'] CallExpression[callee.object.name='AbortSignal'][callee.property.name='timeout']`,
  message:
    'Use withTimeLimit(…) of core/abort.ts: within AbortSignal.any a timeout of its own may never abort.',
};

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      '.tools',
      '.sluice',
      'dist',
      'infra-cdktf',
      'template',
      '**/*.mjs',
      '**/*.cjs',
      'eslint.config.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['core/extract-modes.ts', '**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...MODES] },
  },
  {
    files: [
      '{activities,cli,connectors,core,dashboards,operations,pipelines,profiles,tasks,web,worker}/**/*.ts',
    ],
    ignores: [
      'core/extract-modes.ts',
      '**/*.test.ts',
      '**/{harness,*fixture,*-harness}.ts',
      '**/conformance/**',
    ],
    rules: { 'no-restricted-syntax': ['error', ...MODES, CLEAN_UPS, LOST_TIMEOUTS] },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process'],
    },
  },
);
