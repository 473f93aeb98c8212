import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PrivateKey, type Provider } from '../src/pki/index.ts';
import { median } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the longest delay of the event loop while 8 RSA-2048 keys are generated at the same time. The measurements
 * of the two WebCrypto providers alternate, because other processes of the machine delay the event loop, too.
 */
const providers: Readonly<Record<string, Provider>> = {
  'globalThis.crypto': { crypto: globalThis.crypto },
  'default provider': {},
};
const delays = new Map(Object.keys(providers).map((name) => [name, [] as number[]]));
for (let round = -1; round < 7; round++) {
  for (const [name, provider] of Object.entries(providers)) {
    const delay = await longestDelay(() =>
      Promise.all(Array.from({ length: 8 }, () => PrivateKey.generate('rsa-2048', { provider }))),
    );
    if (round >= 0) delays.get(name)!.push(delay);
  }
}
console.log('event loop blocked while 8 RSA-2048 keys are made, at most');
for (const [name, list] of delays) console.log(`  ${name.padEnd(20)} ${median(list).toFixed(1).padStart(9)} ms`);
const [usual, own] = [...delays.values()].map(median);
addRow('event loop blocked by 8 RSA-2048 keys, globalThis.crypto = 1', own! / usual!, 1.5);

/** Returns the longest delay of the event loop while a function runs, in milliseconds. */
async function longestDelay(work: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.max / 1e6;
}
