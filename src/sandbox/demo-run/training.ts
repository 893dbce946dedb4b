/** Made-up numbers of a small training, which look plausible in a chart. */
export interface TrainingStep {
  metrics: { epoch: number; loss: number; accuracy: number; learning_rate: number };
  /** What the script prints. */
  line: string;
}

export const trainingConfig = { model: 'demo-mlp', optimizer: 'adam', learning_rate: 0.01, batch_size: 64 };

/** Returns one step of the training, from 0 to `steps` - 1. The same step has the same numbers, in every run. */
export function trainingStep(step: number, steps: number): TrainingStep {
  const progress = (step + 1) / steps;
  const noise = Math.sin(step * 12.9898) * 0.04 * (1 - progress);
  const loss = rounded(2.3 * Math.exp(-3 * progress) + 0.08 + noise);
  const accuracy = rounded(Math.min(0.99, 0.1 + 0.86 * (1 - Math.exp(-3.2 * progress)) - noise));
  const learningRate = rounded((trainingConfig.learning_rate * (1 + Math.cos(Math.PI * progress))) / 2);
  const epoch = 1 + Math.floor((step * 4) / steps);
  return {
    metrics: { epoch, loss, accuracy, learning_rate: learningRate },
    line: `epoch ${epoch}  step ${step + 1}/${steps}  loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(4)}`,
  };
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;
