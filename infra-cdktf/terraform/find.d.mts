export declare const providerVersion: string;
export declare function terraformVersion(): string | undefined;
export declare function providerMirror(
  env?: Readonly<Record<string, string | undefined>>,
): string | undefined;
export declare function terraformEnvironment(
  cacheFolder: string,
  env?: Readonly<Record<string, string | undefined>>,
): { readonly settings: Readonly<Record<string, string>>; readonly source: string };
