import tseslint from 'typescript-eslint';

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
    // What an extract mode means is asked of its entry in core/extract-modes.ts.
    files: ['**/*.ts'],
    ignores: ['core/extract-modes.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          `BinaryExpression[operator=/^[!=]==?$/]:has(> MemberExpression[property.name='mode']):has(> Literal[value=/^(interval|incremental|snapshot|changes|files)$/])`,
          `BinaryExpression[operator=/^[!=]==?$/]:has(> Identifier[name='mode']):has(> Literal[value=/^(interval|incremental|snapshot|changes|files)$/])`,
          `SwitchStatement:matches([discriminant.property.name='mode'], [discriminant.name='mode'])`,
          `:matches(Literal[value=/\\bmode = '[a-z]/], TemplateElement[value.raw=/\\bmode = '($|[a-z])/])`,
        ].map((selector) => ({
          selector,
          message: 'Ask modeOf(…) or modesThatCover(…) of core/extract-modes.ts, not for a mode by its name.',
        })),
      ],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process'],
    },
  },
);
