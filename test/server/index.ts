export { type Account, serverAccount } from './account.ts';
export { serverBinary } from './binaries.ts';
export { superuser } from './data-directory.ts';
export { type DistributionServer, distributionServer, type OtherServer, otherServers } from './distribution.ts';
export type { ServerFile, ServerFiles } from './files.ts';
export { forEachMajor } from './for-each-major.ts';
export {
  availableMajors,
  isNamed,
  judgingMajors,
  programsFromEnvironment,
  readSample,
  type SampleName,
  samplesFolder,
  withoutJudges,
} from './packages.ts';
export { psql, withoutPsql } from './psql.ts';
export { queryWithFiles } from './query-with-files.ts';
export { type PostgresCAnswer, runPostgresC } from './run-postgres-c.ts';
export { startServer, type TestServerOptions, withServer } from './start-server.ts';
export { temporaryFolder } from './temporary.ts';
export { TestServer } from './test-server.ts';
