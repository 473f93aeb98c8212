import { appendFileSync } from 'node:fs';

/**
 * Adds a row to the table that `npm run bench` prints at its end.
 *
 * @param name what is measured, and to what the number is the ratio
 * @param aim the number that the row should not exceed, if there is one
 */
export function addRow(name: string, measured: number, aim?: number): void {
  const file = process.env.PG_HOSTSSL_BENCH_TABLE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, measured, aim })}\n`);
}
