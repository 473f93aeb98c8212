const shapes = [
  (i: number) => `# rule ${i} of the application servers`,
  () => '',
  () => 'local   all             postgres                                peer',
  (i: number) =>
    `host    all             all             10.${(i >> 8) & 255}.${i & 255}.0/24            scram-sha-256`,
  (i: number) => `hostssl app${i}         web${i},batch   192.168.${i & 255}.0/24        cert map=users`,
  (i: number) => `host    "my db"         +staff          10.1.${i & 255}.0 255.255.255.0   md5   # office`,
  () => 'hostssl all             all             0.0.0.0/0               scram-sha-256 clientcert=verify-full',
  (i: number) => `hostnossl all           "user ${i}"     ::1/128                 reject`,
];

/** Returns a typical pg_hba.conf with `count` lines. */
export function hbaText(count: number): string {
  return Array.from({ length: count }, (_, i) => `${shapes[i % shapes.length]!(i)}\n`).join('');
}

/** Returns a pg_hba.conf in which no two rules share a database, a user or an address. */
export function allDifferentHbaText(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const address =
      i % 5 === 4
        ? `2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}::/64`
        : `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.${(i * 7) & 255}/32`;
    return `hostssl db${i} user${i} ${address} scram-sha-256\n`;
  }).join('');
}
