import {
  DatabaseMigrationServiceClient,
  DeleteCertificateCommand,
  DescribeCertificatesCommand,
  ImportCertificateCommand,
  ResourceNotFoundFault,
  type Tag,
} from '@aws-sdk/client-database-migration-service';
import { rdsAuthorities } from '../rds-authorities.ts';
import { authorityNamed } from './root.ts';

export interface AuthorityRequest {
  /** What the certificate is called in DMS. */
  readonly identifier: string;
  /** Part of the subject of the authority that signs the databases. */
  readonly authority: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Terraform says why it calls. */
  readonly tf?: { readonly action: 'create' | 'update' | 'delete' };
}

const client = new DatabaseMigrationServiceClient();

/** Has DMS know the authority of the databases' certificates; gives its ARN. May be called again. */
export async function handler(request: AuthorityRequest): Promise<string> {
  const known = await arnOf(request.identifier);
  if (request.tf?.action === 'delete') {
    if (known !== undefined) await client.send(new DeleteCertificateCommand({ CertificateArn: known }));
    return '';
  }
  return known ?? (await importAuthority(request));
}

async function importAuthority({ identifier, authority, tags }: AuthorityRequest): Promise<string> {
  const { Certificate } = await client.send(
    new ImportCertificateCommand({
      CertificateIdentifier: identifier,
      CertificatePem: authorityNamed(await rdsAuthorities(), authority),
      Tags: Object.entries(tags).map(([Key, Value]): Tag => ({ Key, Value })),
    }),
  );
  if (Certificate?.CertificateArn === undefined) throw new Error(`DMS gave no ARN for ${identifier}`);
  return Certificate.CertificateArn;
}

async function arnOf(identifier: string): Promise<string | undefined> {
  try {
    const { Certificates } = await client.send(
      new DescribeCertificatesCommand({ Filters: [{ Name: 'certificate-id', Values: [identifier] }] }),
    );
    return Certificates?.[0]?.CertificateArn;
  } catch (error) {
    if (error instanceof ResourceNotFoundFault) return undefined;
    throw error;
  }
}
