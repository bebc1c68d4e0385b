/** Rows of a row group, and its bytes in memory: whichever is reached first. Bounds what a stream holds. */
const GROUP_ROWS = 61_440;
const GROUP_BYTES = 32 * 2 ** 20;
/** Distinct values of a row group up to which a column gets a dictionary. To try DuckDB's own number costs a fifth of the writing and saves no byte. */
const DICTIONARY_VALUES = 1024;

/**
 * What DuckDB calls Parquet's versions: V2 packs differences of numbers, lengths of texts and bytes of floats. Half the bytes,
 * and less work than to compress plain values, but Redshift's COPY does not say that it reads them, and some readers do not.
 * @see https://duckdb.org/2025/01/22/parquet-encodings
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export type ParquetVersion = 'V1' | 'V2';

/** How sources have DuckDB write their files: options of COPY. */
export function parquetOptions(version: ParquetVersion): string {
  return `FORMAT parquet, PARQUET_VERSION ${version}, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false, DICTIONARY_SIZE_LIMIT ${DICTIONARY_VALUES}, ROW_GROUP_SIZE ${GROUP_ROWS}, ROW_GROUP_SIZE_BYTES ${GROUP_BYTES}, USE_TMP_FILE false`;
}
