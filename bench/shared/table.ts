import { appendFileSync } from 'node:fs';

/**
 * Adds a row to the table that `npm run bench` prints at the end.
 *
 * @param name the measured task, and what the number is a ratio to
 * @param aim the number that the row should not exceed, if it has an aim
 */
export function addRow(name: string, measured: number, aim?: number): void {
  const file = process.env.PG_HOSTSSL_BENCH_TABLE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, measured, aim })}\n`);
}
