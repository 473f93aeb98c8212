import { spawnSync } from 'node:child_process';

/** The variable that says that a test runs in its own network namespace. */
const marker = 'PG_HOSTSSL_NAMESPACE';

/** True if this process runs in the namespace. */
export const isInNamespace: boolean = process.env[marker] === '1';

/** Routes that make nearly every address a local address, so that a client can use it. */
const setUp = [
  'ip link set lo up',
  'ip route add local 0.0.0.0/1 dev lo',
  'ip route add local 128.0.0.0/2 dev lo',
  'ip route add local 192.0.0.0/3 dev lo',
  // A machine without IPv6 is recognized below.
  '{ ip -6 route add local ::/0 dev lo && echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind; } 2>/dev/null || true',
].join(' && ');

/** Runs a test file in a new network namespace. Returns the reason if this is not possible. */
export function runInNamespace(
  file: string,
): { readonly status: number | null; readonly output: string } | { readonly skip: string } {
  const isRoot = process.getuid?.() === 0;
  const parameters = isRoot ? ['-n'] : ['-rn'];
  const probe = spawnSync('unshare', [...parameters, 'sh', '-c', setUp], { encoding: 'utf8' });
  if (probe.status !== 0) return { skip: `no network namespace can be made here: ${probe.stderr || probe.error}` };
  // A server refuses to run as user 0, which is the caller's number inside a user namespace.
  const node = `exec ${isRoot ? '' : 'unshare -U --map-user=1000 --map-group=1000 '}"$0" "$@"`;
  const command = [...parameters, 'sh', '-c', `${setUp} && ${node}`, process.execPath, ...process.execArgv, file];
  const environment = { ...process.env, [marker]: '1', NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync('unshare', command, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
  });
  return { status, output: stdout + stderr };
}
