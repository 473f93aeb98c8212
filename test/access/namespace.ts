import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../server/index.ts';

/** The environment variable that tells a test file that it runs in its own network namespace. */
const marker = 'PG_HOSTSSL_NAMESPACE';

/** `true` if this process runs in its own network namespace. */
export const isInNamespace: boolean = process.env[marker] === '1';

/**
 * Shell commands that add routes, so that nearly every address is an address of this machine and a test client can use
 * it.
 */
const setUp = [
  'ip link set lo up',
  'ip route add local 0.0.0.0/1 dev lo',
  'ip route add local 128.0.0.0/2 dev lo',
  'ip route add local 192.0.0.0/3 dev lo',
  // This command fails on a machine without IPv6, and the tests then use no IPv6 addresses.
  '{ ip -6 route add local ::/0 dev lo && echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind; } 2>/dev/null || true',
].join(' && ');

/** A machine that a network namespace looks like. */
export interface Machine {
  /** Shell commands that add network interfaces and addresses. */
  readonly commands: string;
  /** The text of /etc/hosts. Host names have no other source. */
  readonly hosts: string;
}

/**
 * Runs a test file in a new network namespace. If this is impossible, returns the reason as `skip`.
 *
 * @param machine the interfaces and host names of the namespace. By default, the namespace has only the loopback
 *   interface, and the host names of this machine
 */
export function runInNamespace(
  file: string,
  machine?: Machine,
): { readonly status: number | null; readonly output: string } | { readonly skip: string } {
  const isRoot = process.getuid?.() === 0;
  const parameters = [isRoot ? '-n' : '-rn', ...(machine === undefined ? [] : ['-m'])];
  const commands = machine === undefined ? setUp : `${setUp} && ${machine.commands} && ${useHosts(machine.hosts)}`;
  const probe = spawnSync('unshare', [...parameters, 'sh', '-c', commands], { encoding: 'utf8' });
  if (probe.status !== 0) return { skip: `no network namespace can be made here: ${probe.stderr || probe.error}` };
  // Inside a user namespace, the caller has user ID 0, and a PostgreSQL server refuses to run as user 0. So another
  // user ID is mapped.
  const node = `exec ${isRoot ? '' : 'unshare -U --map-user=1000 --map-group=1000 '}"$0" "$@"`;
  const command = [...parameters, 'sh', '-c', `${commands} && ${node}`, process.execPath, ...process.execArgv, file];
  const environment = { ...process.env, [marker]: '1', NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync('unshare', command, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
  });
  return { status, output: stdout + stderr };
}

/** Returns shell commands that make a text the only source of host names in a mount namespace. */
function useHosts(hosts: string): string {
  const folder = temporaryFolder();
  const files = { hosts, 'nsswitch.conf': 'hosts: files\n' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return Object.keys(files)
    .map((name) => `mount --bind '${join(folder, name)}' /etc/${name}`)
    .join(' && ');
}
