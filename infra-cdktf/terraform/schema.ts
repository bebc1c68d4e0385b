/** The part of `terraform providers schema -json` that mocking needs: resource type -> computed attributes that hold an ARN. */
export type ArnAttributes = Readonly<Record<string, readonly string[]>>;

interface ProviderSchemas {
  readonly provider_schemas: Record<
    string,
    {
      readonly resource_schemas: Record<
        string,
        { readonly block: { readonly attributes?: Record<string, Attribute> } }
      >;
    }
  >;
}

interface Attribute {
  readonly type?: unknown;
  readonly computed?: boolean;
}

export function arnAttributes(schemaJson: string): ArnAttributes {
  const { provider_schemas } = JSON.parse(schemaJson) as ProviderSchemas;
  const [aws] = Object.entries(provider_schemas).filter(([name]) => name.endsWith('/aws'));
  if (aws === undefined) throw new Error('the schema holds no AWS provider');
  const found = Object.entries(aws[1].resource_schemas).map(([type, { block }]) => {
    const names = Object.entries(block.attributes ?? {})
      .filter(
        ([name, { type: kind, computed }]) =>
          computed === true && kind === 'string' && /(^|_)arn$/.test(name),
      )
      .map(([name]) => name);
    return [type, names] as const;
  });
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}
