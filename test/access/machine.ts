import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import type { AccessFacts } from '../../src/access/index.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from '../../src/net/ip.ts';
import { addressBits, maskOfPrefix } from '../../src/net/network.ts';
import { addressOfNumber, numberOfAddress } from '../../src/net/number.ts';
import type { PgMajor } from '../../src/version.ts';
import { isInNamespace, type Machine } from './namespace.ts';
import type { Neighbourhood } from './server-cases.ts';

/** Whether the namespace has IPv6. */
const hasIpv6 = existsSync('/proc/net/if_inet6');

/** The networks of the interfaces: of the loopback interface, of one that is up, and of one that is down. */
const interfaces: Readonly<Record<string, readonly string[]>> = {
  lo: ['198.51.100.7/32', 'fe80::1/64', '2001:db8:9::9/127'],
  card0: ['10.1.2.3/13', '192.0.2.77/27', '2001:db8:8000::5/33'],
  // The server treats a netmask of zero as a missing netmask.
  card1: ['172.20.30.40/23', '203.0.113.5/0', 'fd00:0:0:8::9/61'],
};

/** The names of the interfaces. */
export const interfaceNames: readonly string[] = Object.keys(interfaces);

/** Addresses and their names. The first name of the first line with an address is the host name of this address. */
const hosts: readonly string[] = [
  '127.0.0.1 localhost',
  '::1 localhost',
  '10.1.2.3 Alpha.Example.com alpha',
  '10.1.2.4 alpha.example.com',
  '2001:db8:8000::5 ALPHA.example.com',
  '10.2.0.1 Beta.alpha.Example.com beta',
  '10.1.2.4 second.example.org',
  'fd00:0:0:8::9 a_b.EXAMPLE.org',
  'fe80::1 Link.Example.org',
  'fe80::2 EXAMPLE.ORG',
  '172.20.30.40 ALL',
  '203.0.113.5 samenet',
  '203.0.113.9 Trailing.example.com.',
  // The forward lookup of these names finds another address, or no address.
  '198.51.100.8 10.9.9.9',
  '2001:db8:9::8 10.9.9.9',
  '192.0.2.78 fe80::1%none',
  'fd00:0:0:8::8 fe80::1%none.example.com',
];

/** A machine with several interfaces and with host names, for {@link neighbourhoods}. */
export const machine: Machine = {
  commands: [
    'ip link add card0 type veth peer name card1',
    'ip link set card0 up',
    ...Object.entries(interfaces).flatMap(([device, networks]) =>
      networks
        .filter((network) => hasIpv6 || !network.includes(':'))
        // With a route to the network of an interface, the addresses of the network would not be local.
        .map((network) => `ip addr add ${network} dev ${device} noprefixroute${network.includes(':') ? ' nodad' : ''}`),
    ),
  ].join(' && '),
  hosts: `${hosts.join('\n')}\n`,
};

const homes = [...Object.values(interfaces).flat(), ...hosts]
  .map((text) => parseIpAddress(text.split(/[/ ]/)[0]!)!)
  .filter(({ family }) => hasIpv6 || family === 'ipv4');

/**
 * Returns the given addresses, and addresses that differ from them in one of the given bits, if a client can have the
 * address.
 */
function near(own: readonly IpAddress[], edges: readonly number[]): fc.Arbitrary<IpAddress> {
  return fc
    .tuple(fc.constantFrom(...own), fc.option(fc.constantFrom(...edges), { freq: 2 }))
    .map(([home, bit]) => (bit === null ? home : withFlippedBit(home, bit)))
    .filter(({ family, bytes: [first, second] }) =>
      family === 'ipv4' ? first! > 0 && first! < 224 : first! < 0xfe || (first === 0xfe && second === 0x80),
    )
    .filter(({ bytes }) => bytes.some((byte) => byte !== 0));
}

/** Flips the bit that a network of the prefix length `bit` does not fix, but one of the next prefix length does. */
function withFlippedBit(address: IpAddress, bit: number): IpAddress {
  const { family } = address;
  const bits = addressBits(family);
  const number = BigInt(numberOfAddress(address)) ^ (1n << BigInt(bits - 1 - (bit % bits)));
  return addressOfNumber(family, family === 'ipv4' ? Number(number) : number);
}

function isLinkLocal({ family, bytes }: IpAddress): boolean {
  return family === 'ipv6' && bytes[0] === 0xfe;
}

/** Texts of an address as a rule can write it. */
function texts(address: IpAddress): readonly string[] {
  const text = formatIpAddress(address);
  if (address.family === 'ipv4') return [text, `0x${numberOfAddress(address).toString(16)}`];
  const digits = BigInt(numberOfAddress(address)).toString(16).padStart(32, '0').toUpperCase();
  const full = digits.replace(/....(?=.)/g, '$&:');
  const dotted = `${full.slice(0, 30)}${address.bytes.slice(12).join('.')}`;
  return [text, full, dotted, ...(isLinkLocal(address) ? [`${text}%lo`, `${text}%card1`, `${text}%2`] : [])];
}

function networks(own: readonly IpAddress[], edges: readonly number[]): fc.Arbitrary<string> {
  const forms = ['prefix', 'mask', 'holes', 'few bits', 'mapped'];
  const edge = fc.constantFrom(...edges);
  return fc
    .tuple(near(own, edges), edge, fc.nat(1), fc.nat(5), fc.constantFrom(...forms), fc.array(edge, { maxLength: 4 }))
    .map(([address, bit, more, which, form, flipped]) => {
      const { family } = address;
      const prefix = (bit % addressBits(family)) + more;
      const all = texts(address);
      const text = all[which % all.length]!;
      if (form === 'mapped' && family === 'ipv4') return `::ffff:${formatIpAddress(address)}/${bit + more}`;
      if (form === 'prefix' || form === 'mapped') return `${text}/${prefix}`;
      const mask = maskOfPrefix(family, form === 'few bits' ? 0 : prefix);
      const masks = texts(form === 'mask' ? mask : flipped.reduce(withFlippedBit, mask));
      return `${text} ${masks[which % masks.length]!.split('%')[0]}`;
    });
}

/** Host names of the given addresses, and parts of these names, as rules can write them. */
function names(own: readonly IpAddress[]): fc.Arbitrary<string> {
  const addresses = own.map(formatIpAddress);
  const all = hosts
    .map((line) => line.split(' '))
    .flatMap(([address, ...its]) => (addresses.includes(address!) ? its : []))
    .flatMap((name) => [name, `.${name}`, name.slice(1), name.slice(name.indexOf('.')), name.slice(-4), `x${name}`])
    .concat('.', '', 'all', 'samehost', 'example.com')
    .flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()])
    .filter((name) => parseIpAddress(name, interfaceNames) === undefined);
  return fc.constantFrom(...all.map((name) => `"${name}"`));
}

/** Rules and clients around some of the addresses of the machine. A seed gives each major version other addresses. */
export function neighbourhoods(major: PgMajor): fc.Arbitrary<Neighbourhood> {
  const home = fc.nat(homes.length - 1).map((at) => homes[(at + 3 * major) % homes.length]!);
  // The prefix lengths of the interfaces are frequent edges.
  const edge = fc.oneof(fc.nat(127), fc.constantFrom(12, 22, 26, 31, 32, 60, 63, 126));
  return fc
    .tuple(fc.array(home, { minLength: 2, maxLength: 4 }), fc.array(edge, { minLength: 1, maxLength: 3 }))
    .map(([own, edges]) => ({
      networks: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('all', 'samehost', 'samenet', 'samenet', '::/0', '0.0.0.0/0') },
        { weight: 4, arbitrary: networks(own, edges) },
        { weight: 4, arbitrary: names(own) },
      ),
      clients: fc.tuple(near(own, edges), fc.nat(4)).map(([address, which]) => {
        const text = formatIpAddress(address);
        if (isLinkLocal(address)) return `${text}%lo`;
        return which === 0 && hasIpv6 && address.family === 'ipv4' ? `::ffff:${text}` : text;
      }),
      // The address columns decide.
      weightOfAll: 50,
    }));
}

interface InterfaceOfIp {
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

/** The addresses of the interfaces, as the kernel lists them for `getifaddrs`. */
const interfaceFacts = !isInNamespace
  ? []
  : (JSON.parse(execFileSync('ip', ['-j', 'addr'], { encoding: 'utf8' })) as InterfaceOfIp[])
      .flatMap((each) => each.addr_info)
      .map(({ local, prefixlen }) => ({
        address: local,
        netmask: formatIpAddress(maskOfPrefix(local.includes(':') ? 'ipv6' : 'ipv4', prefixlen)),
      }));

/** Returns the facts about the interfaces, and about the host name of a client. */
export async function factsOfClient(client: string): Promise<AccessFacts> {
  const address = client.replace(/^::ffff:(?=.*\.)/, '');
  const hostNames = await dns.promises.lookupService(address, 0).then(
    async ({ hostname }) => {
      // The hints of a getaddrinfo without hints, as the server calls it.
      const found = await dns.promises.lookup(hostname, { all: true, hints: dns.ADDRCONFIG | dns.V4MAPPED });
      return found.some((each) => each.address === address.split('%')[0]) ? [hostname] : [];
    },
    () => [],
  );
  return { interfaces: interfaceFacts, hostNames };
}
