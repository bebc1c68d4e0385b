let bundle: Promise<string> | undefined;

/** The certificates that RDS servers are signed with, in this region. */
export function rdsAuthorities(): Promise<string> {
  bundle ??= download(process.env['AWS_REGION'] ?? '');
  return bundle;
}

async function download(region: string): Promise<string> {
  const response = await fetch(`https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem`);
  if (!response.ok) throw new Error(`RDS certificates of ${region}: HTTP ${response.status}`);
  return response.text();
}
