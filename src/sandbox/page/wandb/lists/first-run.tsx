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
          Log a short demo run with that key, without Python. Either open <em>Demo run</em> in the developer
          tools, paste the key and press <em>Log a demo run</em>, or run this in a terminal, which asks for
          the key:
          <pre>
            <code>{baseUrl === undefined ? '' : `WANDB_BASE_URL=${baseUrl} `}npm run demo-run</code>
          </pre>
        </li>
        <li>
          Or use W&B’s own SDK:
          <pre>
            <code>{sdkLines(baseUrl)}</code>
          </pre>
        </li>
      </ol>
      <p className="wandb-quiet">The run appears here as soon as it starts.</p>
    </section>
  );
}

const sdkLines = (baseUrl = 'the address in the message') => `export WANDB_BASE_URL=${baseUrl}
export WANDB_API_KEY=…the key from Slack…
python -c '
import wandb
with wandb.init(project="demo") as run:
    for step in range(100):
        run.log({"loss": 1 / (step + 1)})
'`;
