import { z } from 'zod';

// What fields of several entries are made of.

export const text = z.string().min(1);
export const port = z.coerce.number().int().min(1).max(65_535);
export const size = z.coerce.number().int().min(1);
export const flag = z.stringbool().or(z.boolean()).default(false);

/** A list, or its names with commas between. */
export const names = z
  .union([z.array(text), text.transform((all) => all.split(',').map((each) => each.trim()))])
  .refine((all) => all.length > 0 && all.every(Boolean), 'must name one at least');

/** What every database that is signed in to has, beside its port. */
export const database = {
  host: text,
  database: text,
  user: text,
  password: text,
  ssl: z
    .strictObject({
      mode: z.enum(['require', 'verify-ca', 'verify-full']),
      /** A PEM file with the authorities that sign the server's certificate. */
      rootCertificate: z.exactOptional(text),
    })
    .refine(({ mode, rootCertificate }) => mode !== 'require' || rootCertificate === undefined, {
      path: ['rootCertificate'],
      message: `is not looked at with mode 'require': say 'verify-ca' or 'verify-full', or leave it out`,
    })
    .optional(),
};
