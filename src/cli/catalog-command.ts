import { Command } from 'commander';
import { createApiClient } from './api-client.js';
import type { CatalogRebuiltShape } from './api-shapes.js';
import { bindAction, type CliContext, type CliRun } from './cli-context.js';
import { CliError, exitStatus } from './cli-error.js';

export function catalogCommand(run: CliRun): Command {
  const rebuild = new Command('rebuild')
    .description('build the catalog anew from the manifests beside the images; the old one is kept aside')
    .addHelpText(
      'after',
      '\nThe running daemon does it; where none runs, it is done here for the configuration of --config.\n' +
        'Exit status 1: something in the library could not be taken in; mend what is listed, then run it again.',
    );
  return new Command('catalog')
    .description('the catalog of jobs and archives')
    .addCommand(bindAction(run, rebuild, rebuildCatalog));
}

async function rebuildCatalog({ output, whereabouts, dependencies }: CliContext): Promise<number> {
  const { socket, configFile } = await whereabouts();
  const answer = await rebuildThroughDaemon(socket).catch(async (error: unknown): Promise<CatalogRebuiltShape> => {
    if (!(error instanceof CliError) || error.code !== 'not_running') throw error;
    if (configFile !== null) {
      const { leftOut, ...outcome } = await dependencies.rebuildOffline(configFile);
      return { ...outcome, left_out: leftOut };
    }
    const message = `${error.message} To rebuild without it, name the configuration with --config.`;
    throw new CliError(error.code, message, error.status);
  });
  if (output.isJson) output.json(answer);
  else {
    const leftOut = answer.left_out === 0 ? '' : `; ${answer.left_out} could not be taken in`;
    const archives = answer.archives === 1 ? 'archive' : 'archives';
    output.line(`The catalog was rebuilt: ${answer.archives} ${archives}${leftOut}.`);
    for (const problem of answer.problems) output.problem(problem);
  }
  return answer.left_out === 0 ? exitStatus.ok : exitStatus.failed;
}

async function rebuildThroughDaemon(socket: string): Promise<CatalogRebuiltShape> {
  const request = { method: 'POST', patienceMs: null } as const;
  return (await createApiClient(socket).call('/api/v1/system/catalog/rebuild', request)) as CatalogRebuiltShape;
}
