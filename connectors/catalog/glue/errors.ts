import { TerminalError, TransientError } from '../../../core/errors.ts';

/** Somebody else has changed a table since it was read. */
export class CatalogMoved extends TransientError {
  override name = 'CatalogMoved';

  /** @param table `database.table` */
  constructor(table: string) {
    super(
      `Somebody has changed ${table} in the Glue catalog meanwhile. It is read again, and pointed at the newest version.`,
    );
  }
}

/** A database or table of that name that Sluice has not made. */
export class NotOurs extends TerminalError {
  override name = 'NotOurs';

  /** @param what `Database shop_silver` @param others what is there else that may be changed, in words */
  constructor(what: string, others: string) {
    super(
      `${what} of the Glue catalog was made by others: it has no parameter managed_by=sluice. ${others}, or give it this parameter if Sluice may change it, then rerun.`,
    );
  }
}

/** Readers of the catalog read all that is in a folder: it must be what was published. */
export class FolderChanged extends TerminalError {
  override name = 'FolderChanged';

  constructor(table: string, folder: string, problem: string) {
    super(
      `${table}: in ${folder} ${problem}. Readers of the Glue catalog would get wrong rows, so it was left as it was. ` +
        `Put back what was published, or raise the 'revision' of the dataset, which makes it anew.`,
    );
  }
}
