// A plugin for typedoc, which makes the API reference. The plugin groups the exports of a module by task, according to
// the folders of src, and removes the second title of each page.
import { Application, Comment, CommentTag, Converter, ReflectionKind } from 'typedoc';

/**
 * The tasks in the order of the pages, with the folders and files of src for each task. If several paths match a source
 * file, the longest path decides.
 */
const tasks = {
  'Read and edit a file': [
    'src/hba/',
    'src/ident/',
    'src/hosts/',
    'src/conf/file',
    'src/conf/lines/',
    'src/conf/values/',
    'src/auth-file/',
    'src/parse-options',
  ],
  'Several files': ['src/conf/', 'src/include/'],
  'What a major version knows': ['src/version', 'src/hba/tables/', 'src/conf/catalogue/'],
  "The server's own view": ['src/hba/view', 'src/ident/view', 'src/conf/server/'],
  'Errors and diagnostics': ['src/errors', 'src/codes', 'src/text/'],
  'Ask about one connection': ['src/access/match/'],
  'Ask about all connections': [
    'src/access/',
    'src/access/search',
    'src/access/scope/',
    'src/access/space/',
    'src/access/reach/',
  ],
  'Compare files': ['src/access/diff', 'src/access/check-upgrade'],
  'Keep to a policy': ['src/access/policy', 'src/access/lint-access', 'src/access/report/'],
  'Place a rule': ['src/access/place-rule', 'src/access/require-tls'],
  'Find and read': ['src/configuration/'],
  'Judge a configuration': ['src/configuration/check'],
  'Issue certificates': ['src/pki/issue/', 'src/pki/keys/', 'src/pki/provider/'],
  'Inspect certificates': ['src/pki/certificate/', 'src/names/'],
  'Verify certificates': ['src/pki/verify/'],
  'Revoke certificates': ['src/pki/revocation/'],
  'Renew and replace': ['src/pki/lifecycle/'],
  'Connect a client': ['src/client/bundle/', 'src/client/connection/'],
  'Views of a bundle': ['src/client/views/', 'src/client/files/'],
  'Check a bundle': ['src/client/check/', 'src/access/certificate-logins'],
  'Certificates that change': ['src/client/live/'],
  'Test a server': ['src/client/testing/'],
  'Read a server': ['src/tls/read', 'src/tls/state', 'src/tls/interrupted', 'src/disk/file-state'],
  Plan: ['src/tls/plan/', 'src/tls/pending'],
  'Apply and recover': ['src/tls/', 'src/tls/server/'],
  'Keep a CA and its ledger': ['src/tls/authority-directory', 'src/tls/files/ledger-file'],
  'Other places than the disk': ['src/disk/', 'src/tls/files/'],
  'Explain an error': ['src/doctor/'],
};

const paths = Object.entries(tasks)
  .flatMap(([task, places]) => places.map((path) => ({ task, path })))
  .sort((one, other) => other.path.length - one.path.length);

export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, () => app.options.setValue('categoryOrder', Object.keys(tasks)));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    project.readme = withoutTitle(project.readme ?? []);
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      for (const declared of module.children ?? []) addTask(app, project, declared);
    }
  });
}

/** Puts an export into the group of its task. */
function addTask(app, project, declared) {
  const path = project.getSymbolIdFromReflection(declared)?.packagePath ?? '';
  const task = paths.find((place) => path.startsWith(place.path))?.task;
  if (task === undefined) {
    app.logger.error(`${declared.name} (${path}) serves no task of scripts/typedoc-plugin.js`);
    return;
  }
  const [owner] = declared.signatures ?? [declared];
  owner.comment ??= new Comment();
  owner.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: task }]));
}

/** Returns a page without its first line, because typedoc shows this title already. */
function withoutTitle([first, ...rest]) {
  return first?.kind === 'text' ? [{ ...first, text: first.text.replace(/^# .*\n+/, '') }, ...rest] : [];
}
