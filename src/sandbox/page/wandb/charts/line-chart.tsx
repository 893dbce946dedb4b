import './charts.css';
import { memo, type PointerEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import type { ChartSeries } from '../../../slack/protocol/runs-protocol.ts';
import { describeChart, type Frame, formatNumber, nearest, type Plot, plot } from './chart-scale.ts';

const HEIGHT = 200;
/** Until the chart knows its own width. */
const FIRST_WIDTH = 320;

interface LineChartProps {
  series: ChartSeries;
  /** What x counts, such as `Step`. */
  unit: string;
  color: string;
}

/** A line chart, which can be read as a table too. Its height never changes. */
export const LineChart = memo(function LineChart({ series, unit, color }: LineChartProps) {
  const { name, points } = series;
  const [isTable, setIsTable] = useState(false);
  return (
    <figure className="chart" aria-label={name}>
      <div className="chart-header">
        <h3 title={name}>{name}</h3>
        <ToggleButton
          className="chart-toggle"
          aria-label={`${name} as a table`}
          isSelected={isTable}
          onChange={setIsTable}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9" />
          </svg>
        </ToggleButton>
      </div>
      {isTable ? (
        <ChartTable series={series} unit={unit} />
      ) : (
        <Drawing points={points} name={name} unit={unit} color={color} />
      )}
    </figure>
  );
});

function Drawing({ points, name, unit, color }: ChartSeries & Omit<LineChartProps, 'series'>) {
  const container = useRef<HTMLDivElement>(null);
  const width = useWidth(container);
  const [pointerX, setPointerX] = useState<number>();
  const frame: Frame = { left: 56, top: 10, width: Math.max(40, width - 72), height: HEIGHT - 44 };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the frame depends on the width alone.
  const drawn = useMemo(() => plot(points, frame), [points, width]);
  const hovered = pointerX === undefined ? undefined : nearest(drawn.places, pointerX);
  const follow = (event: PointerEvent<SVGSVGElement>): void =>
    setPointerX(event.clientX - event.currentTarget.getBoundingClientRect().left);
  return (
    <div className="chart-drawing" ref={container}>
      <svg
        role="img"
        aria-label={`Line chart of ${name} by ${unit.toLowerCase()}: ${describeChart(points, unit.toLowerCase())}`}
        width={width}
        height={HEIGHT}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setPointerX(undefined)}
      >
        <Axes plot={drawn} frame={frame} unit={unit} />
        <path className="chart-line" d={drawn.line} stroke={color} />
        {drawn.dots.map(([x, y]) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r="2.5" fill={color} />
        ))}
        {hovered !== undefined && <Crosshair place={drawn.places[hovered]} frame={frame} color={color} />}
      </svg>
      {hovered !== undefined && (
        <HoveredValue
          point={points[hovered]}
          unit={unit}
          color={color}
          isRight={isRightOf(drawn, hovered, width)}
        />
      )}
    </div>
  );
}

const isRightOf = ({ places }: Plot, index: number, width: number) => (places[index]?.x ?? 0) > width / 2;

function Axes({ plot: { xTicks, yTicks }, frame, unit }: { plot: Plot; frame: Frame; unit: string }) {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  return (
    <g className="chart-axes">
      {yTicks.map(({ value, label, at }) => (
        <g key={value}>
          <line x1={left} x2={left + width} y1={at} y2={at} />
          <text x={left - 8} y={at + 4} textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {xTicks.map(({ value, label, at }) => (
        <text key={value} x={at} y={bottom + 16} textAnchor="middle">
          {label}
        </text>
      ))}
      <line className="chart-axis" x1={left} x2={left + width} y1={bottom} y2={bottom} />
      <text className="chart-unit" x={left + width} y={bottom + 31} textAnchor="end">
        {unit}
      </text>
    </g>
  );
}

function Crosshair({
  place,
  frame,
  color,
}: {
  place: Plot['places'][number] | undefined;
  frame: Frame;
  color: string;
}) {
  if (!place) return null;
  return (
    <g>
      <line
        className="chart-crosshair"
        x1={place.x}
        x2={place.x}
        y1={frame.top}
        y2={frame.top + frame.height}
      />
      {place.y !== null && <circle className="chart-spot" cx={place.x} cy={place.y} r="4" fill={color} />}
    </g>
  );
}

interface HoveredValueProps {
  point: ChartSeries['points'][number] | undefined;
  unit: string;
  color: string;
  /** Whether the pointer is in the right half, which the value must not cover. */
  isRight: boolean;
}

function HoveredValue({ point, unit, color, isRight }: HoveredValueProps) {
  if (!point) return null;
  const [x, y] = point;
  return (
    <div className={isRight ? 'chart-value chart-value-left' : 'chart-value'} aria-hidden="true">
      <span>
        {unit} {formatNumber(x)}
      </span>
      <strong>
        <span className="run-dot" style={{ background: color }} />
        {y === null ? 'not a finite number' : Number(y.toPrecision(6))}
      </strong>
    </div>
  );
}

function ChartTable({ series: { name, points }, unit }: { series: ChartSeries; unit: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="chart-table" tabIndex={0} aria-label={`Values of ${name}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            <th scope="col">{name}</th>
          </tr>
        </thead>
        <tbody>
          {points.map(([x, y], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps may repeat, and a row is its position.
            <tr key={index}>
              <td>{x}</td>
              <td>{y === null ? 'not a finite number' : y}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    if (!element.current) return;
    const sizes = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.round(entry.contentRect.width));
    });
    sizes.observe(element.current);
    return () => sizes.disconnect();
  }, [element]);
  return width;
}
