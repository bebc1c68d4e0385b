import { decimalOf, lengthOf, type ColumnType } from '../../core/schema.ts';

/**
 * The DuckDB expression that makes a value of a type out of the text that PostgreSQL has for it, in the settings that extractions use.
 * It fails where the text has no exact counterpart. Undefined where there is no such expression.
 * @param text a DuckDB expression
 */
export function valueOf(text: string, type: ColumnType): string | undefined {
  const decimal = decimalOf(type);
  if (decimal) {
    // A cast would round; one of a text that is no number fails, and does so within TRY.
    const fits = `length(rtrim(split_part(${text}, '.', 2), '0')) <= ${decimal.scale}`;
    return `CASE WHEN ${fits} THEN ${text}::DECIMAL(${decimal.precision},${decimal.scale}) WHEN ${text} IS NOT NULL THEN ('!' || ${text})::DECIMAL(${decimal.precision},${decimal.scale}) END`;
  }
  if (lengthOf(type) !== undefined) return text;
  const before = `${text} LIKE '% BC'`;
  switch (type) {
    case 'boolean':
      return `(${text} = 't')`;
    case 'int16':
      return `${text}::SMALLINT`;
    case 'int32':
      return `${text}::INTEGER`;
    case 'int64':
      return `${text}::BIGINT`;
    case 'float32':
      return `${text}::FLOAT`;
    case 'float64':
      return `${text}::DOUBLE`;
    case 'binary':
      return `unhex(substr(${text}, 3))`;
    case 'uuid':
    case 'json':
      return text;
    case 'date':
      return `CASE WHEN ${before} THEN replace(${text}, ' BC', ' (BC)')::DATE ELSE ${text}::DATE END`;
    case 'timestamp':
    case 'timestamptz': {
      const moved = `regexp_replace(${text}, '^(\\S+) (\\S+) BC$', '\\1 (BC) \\2')`;
      const cast = type === 'timestamp' ? 'TIMESTAMP' : 'TIMESTAMPTZ';
      return `CASE WHEN ${before} THEN ${moved}::${cast} ELSE ${text}::${cast} END`;
    }
    default:
      return undefined;
  }
}
