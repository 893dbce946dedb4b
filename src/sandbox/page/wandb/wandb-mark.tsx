/** Three columns of dots, as in W&B's logo. */
const dots: [x: number, y: number, radius: number][] = [
  [3.5, 3.2, 1.6],
  [3.5, 8, 1],
  [3.5, 12.6, 1.6],
  [8, 5.6, 1],
  [8, 10.4, 1.6],
  [12.5, 3.2, 1],
  [12.5, 8, 1.6],
  [12.5, 12.6, 1],
];

export function WandbMark() {
  return (
    <svg className="wandb-mark" viewBox="0 0 16 16" aria-hidden="true">
      {dots.map(([x, y, radius]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={radius} />
      ))}
    </svg>
  );
}
