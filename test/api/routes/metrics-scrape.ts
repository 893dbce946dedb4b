interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Returns the samples of a text in the Prometheus format. Throws on an invalid line. */
export function samplesOf(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      // prom-client writes the mean of no values as `Nan`; Prometheus accepts any case.
      const [, name = '', labels = '', value] =
        /^([a-z_\d]+)(?:\{(.*)\})? ([-+\d.e]+|nan)$/i.exec(line) ?? [];
      if (value === undefined) throw new Error(`not a sample: ${line}`);
      const pairs = [...labels.matchAll(/([a-zA-Z]+)="([^"\\]*)",?/g)].map(([, key, text]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
}

export async function scrape(url: string) {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  const samples = samplesOf(text);
  const sampleValue = (name: string, labels: Record<string, string> = {}) =>
    samples.find(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value;
  const labelValues = (name: string, label: string) => [
    ...new Set(samples.filter((sample) => sample.name === name).map(({ labels }) => labels[label])),
  ];
  return { response, text, samples, sampleValue, labelValues };
}
