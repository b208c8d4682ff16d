import type { Command } from 'commander';
import type { Declaring } from './program-watching.js';

/** Declares the commands for webhooks. */
export function addWebhooks(program: Command, { io, exit, config, json }: Declaring): void {
  const load = async () => {
    const [commands, { auditCommand }, { openIndex }] = await Promise.all([
      import('./webhooks/webhook.js'),
      import('./options/command-audit.js'),
      import('../app/open-index.js'),
    ]);
    return { ...commands, deps: { open: openIndex, audit: auditCommand, clock: Date.now } };
  };
  const webhook = program.command('webhook').description('receivers that are told what changes');
  webhook
    .command('list')
    .description('list webhooks, and what keeps them from knowing everything')
    .requiredOption(...config)
    .option(...json)
    .action(async (options: { config: string }) => {
      const { listWebhooks, deps } = await load();
      exit(await listWebhooks(options, io, deps));
    });
  webhook
    .command('test')
    .description('send a message that tells nothing, and show whether it is taken')
    .argument('<name>', 'its name in the configuration')
    .requiredOption(...config)
    .option(...json)
    .action(async (name: string, options: { config: string }) => {
      const [{ testWebhook, deps }, { createWebhookSender }] = await Promise.all([
        load(),
        import('../app/webhooks/sender.js'),
      ]);
      exit(await testWebhook({ ...options, name }, io, { makeSender: createWebhookSender, clock: deps.clock }));
    });
  webhook
    .command('retry')
    .description('send at once what waits for another try or has been given up')
    .argument('<name>', 'its name in the configuration')
    .requiredOption(...config)
    .option('--user <user>', "only what concerns this user's space")
    .option(...json)
    .action(async (name: string, options: { config: string; user?: string }) => {
      const { retryWebhook, deps } = await load();
      exit(await retryWebhook({ ...options, name }, io, deps));
    });
}
