import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as client from '../../../src/client/index.ts';
import { repositoryRoot } from '../../repository.ts';
import { type MatrixClient, missing, printed, query } from './client.ts';

const packages = join(repositoryRoot, 'test/client/npm');
const require = createRequire(join(packages, 'package.json'));
const bun = join(packages, 'node_modules/@oven/bun-linux-x64/bin/bun');

/** The client packages that `npm run clients` installs, by the name of the package and the view. */
const askers: Readonly<Record<string, MatrixClient['ask']>> = {
  'pg with pgConfig': (bundle) => askPg(client.pgConfig(bundle)),
  'postgres.js with postgresJsOptions': async (bundle) => {
    const sql = require('postgres')({ ...client.postgresJsOptions(bundle), max: 1 });
    const [row] = await sql.unsafe(query).finally(() => sql.end({ timeout: 1 }));
    return row.name;
  },
  'Knex with knexOptions': async (bundle) => {
    const knex = require('knex')(client.knexOptions(bundle));
    const { rows } = await knex.raw(query).finally(() => knex.destroy());
    return rows[0].name;
  },
  'Sequelize with sequelizeOptions': async (bundle) => {
    const sequelize = new (require('sequelize').Sequelize)({ ...client.sequelizeOptions(bundle), logging: false });
    const [rows] = await sequelize.query(query).finally(() => sequelize.close());
    return rows[0].name;
  },
  'TypeORM with typeOrmOptions': async (bundle) => {
    const source = await new (require('typeorm').DataSource)(client.typeOrmOptions(bundle)).initialize();
    const rows = await source.query(query).finally(() => source.destroy());
    return rows[0].name;
  },
  'Drizzle with pgConfig': async (bundle) => {
    const pool = new (require('pg').Pool)(client.pgConfig(bundle));
    const { drizzle } = require('drizzle-orm/node-postgres');
    const asked: Promise<{ readonly rows: readonly { readonly name: string }[] }> = drizzle(pool).execute(query);
    const { rows } = await asked.finally(() => pool.end());
    return rows[0]!.name;
  },
  'the adapter of Prisma 7 with pgConfig': async (bundle) => {
    const adapter = await new (require('@prisma/adapter-pg').PrismaPg)(client.pgConfig(bundle)).connect();
    const { rows } = await adapter.queryRaw({ sql: query, args: [], argTypes: [] }).finally(() => adapter.dispose());
    return rows[0][0];
  },
  'slonik with toConnectionString and the ssl of pgConfig': async (bundle) => {
    const { createPool, createSqlTag } = require('slonik');
    const pool = await createPool(client.toConnectionString(bundle.target), { ssl: client.pgConfig(bundle).ssl });
    return pool
      .oneFirst(createSqlTag().unsafe(Object.assign([query], { raw: Object.freeze([query]) })))
      .finally(() => pool.end());
  },
};

/** The client programs for Node.js and Bun. */
export const nodeClients: readonly MatrixClient[] = [
  ...Object.entries(askers).map(([name, ask]) => ({
    name,
    ask,
    skip: missing('The clients of `npm run clients`', join(packages, 'node_modules')),
    encrypted: true,
    ...(name.startsWith('slonik') ? { refused: { database: /[?#]/g }, misread: /\//g } : {}),
  })),
  {
    name: 'pg with libpqUri',
    skip: missing('pg', join(packages, 'node_modules')),
    encrypted: false,
    refused: { database: /[?#]/g },
    ask: (bundle, directory) => askPg({ connectionString: client.libpqUri(bundle, { directory }) }),
  },
  {
    name: "Bun's SQL with bunSqlOptions",
    skip: missing('Bun', bun),
    encrypted: true,
    ask: (bundle) =>
      printed(
        [
          bun,
          '-e',
          `const sql = new Bun.SQL({ ...JSON.parse(await Bun.stdin.text()), max: 1 });
           console.log((await sql.unsafe(${JSON.stringify(query)}))[0].name);
           await sql.close();`,
        ],
        { input: JSON.stringify(client.bunSqlOptions(bundle)) },
      ),
  },
];

async function askPg(config: object): Promise<string> {
  const session = new (require('pg').Client)(config);
  await session.connect();
  const { rows } = await session.query(query).finally(() => session.end());
  return rows[0].name;
}
