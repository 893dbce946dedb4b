/** How to log the first run. */
export function FirstRun({ baseUrl }: { baseUrl: string | undefined }) {
  return (
    <section className="first-run" aria-labelledby="first-run">
      <h2 id="first-run">Log your first run</h2>
      <ol>
        <li>
          In the Slack tab, run <code>/wandb service-account new</code>. The message with the key has the
          lines to paste.
        </li>
        <li>
          Log a short demo run. You don’t need Python:
          <pre>
            <code>{demoLines(baseUrl)}</code>
          </pre>
        </li>
        <li>
          Or use W&B’s own SDK with the same two settings:
          <pre>
            <code>{pythonLines}</code>
          </pre>
        </li>
      </ol>
      <p className="wandb-quiet">The run appears here as soon as it starts.</p>
    </section>
  );
}

const demoLines = (baseUrl = 'the address in the message') => `export WANDB_BASE_URL=${baseUrl}
export WANDB_API_KEY=…the key from Slack…
npm run demo-run`;

const pythonLines = `import wandb

with wandb.init(project="demo") as run:
    for step in range(100):
        run.log({"loss": 1 / (step + 1)})`;
