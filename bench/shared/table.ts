import { appendFileSync } from 'node:fs';

/**
 * Adds a row to the table that `npm run bench` prints at the end.
 *
 * @param name the measured task, and the task to which the number is a ratio
 * @param aim the limit that the number should not exceed, if there is one
 */
export function addRow(name: string, measured: number, aim?: number): void {
  const file = process.env.PG_HOSTSSL_BENCH_TABLE;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ name, measured, aim })}\n`);
}
