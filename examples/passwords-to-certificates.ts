// From passwords to certificates: node passwords-to-certificates.js <data directory> <URL> <client directory> <step>
// Run the step offer, look at pg_stat_ssl until all clients use certificates, then run the step require.
import { applyPlan, loadOrCreateAuthority, planMigration, readClient, readServer, signalReload } from 'pg-hostssl/tls';

const [data = '', connection = '', directory = '', step = 'offer'] = process.argv.slice(2);
if (step !== 'offer' && step !== 'require' && step !== 'back') throw new Error('The step is offer, require or back');
const plan = await planMigration({
  server: await readServer(data),
  client: await readClient(directory),
  authority: await loadOrCreateAuthority('authority', { subject: '/CN=Example CA' }),
  connection,
  step,
});
await applyPlan(plan, { reload: () => signalReload(data) });
console.log(`${plan.summary}\n${plan.diagnostics.map(({ message }) => message).join('\n')}`);
