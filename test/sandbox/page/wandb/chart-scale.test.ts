import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeChart,
  domainOf,
  formatNumber,
  nearest,
  plot,
  position,
  ticksOf,
} from '../../../../src/sandbox/page/wandb/charts/chart-scale.ts';

const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
const frame = { left: 50, top: 10, width: 300, height: 150 };

describe('The scale of a chart', () => {
  it.each([
    [
      [0, 1],
      ['0', '0.2', '0.4', '0.6', '0.8', '1'],
    ],
    [
      [0.2, 2.4],
      ['0.5', '1', '1.5', '2'],
    ],
    [
      [0, 100_000],
      ['0', '20k', '40k', '60k', '80k', '100k'],
    ],
    [
      [-3, 3],
      ['-2', '0', '2'],
    ],
    [
      [1e-7, 5e-7],
      ['1e-7', '2e-7', '3e-7', '4e-7', '5e-7'],
    ],
  ])('has round ticks in %j', (domain, labels) => {
    expect(ticksOf(domain as [number, number], 5).map(({ label }) => label)).toEqual(labels);
  });

  it('places every finite value inside the frame, and has few ticks, whatever the values are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, fc.option(numbers)), { maxLength: 20 }), (points) => {
        const { places, xTicks, yTicks, line, dots } = plot(points, frame);
        for (const [index, { x, y }] of places.entries()) {
          expect(x).toBeGreaterThanOrEqual(50);
          expect(x).toBeLessThanOrEqual(350);
          if (y === null) expect(points[index]?.[1]).toBeNull();
          else expect(y >= 10 && y <= 160).toBe(true);
        }
        for (const ticks of [xTicks, yTicks]) {
          expect(ticks.length).toBeGreaterThan(0);
          expect(ticks.length).toBeLessThanOrEqual(12);
          for (const { at, label } of ticks) expect(Number.isFinite(at) && label.length <= 10).toBe(true);
        }
        expect(line).not.toMatch(/NaN|Infinity/);
        expect(dots.flat().every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('has room for one value, and for none', () => {
    expect(domainOf([])).toEqual([0, 1]);
    expect(domainOf([0])).toEqual([-1, 1]);
    expect(position(5, domainOf([5]))).toBeCloseTo(0.5);
    expect(position(0, [-Number.MAX_VALUE, Number.MAX_VALUE])).toBe(0.5);
  });

  it('interrupts the line at a value that isn’t finite, and draws a lone point as a dot', () => {
    const { line, dots } = plot(
      [
        [0, 0],
        [1, 1],
        [2, null],
        [3, 1],
        [4, null],
      ],
      frame,
    );
    expect(line.match(/M/g)).toHaveLength(2);
    expect(dots).toEqual([[275, 10]]);
  });

  it('finds the point nearest to the pointer', () => {
    const { places } = plot(
      [
        [0, 0],
        [1, 1],
        [2, 1],
      ],
      frame,
    );
    expect([0, 130, 190, 210, 500].map((x) => nearest(places, x))).toEqual([0, 1, 1, 1, 2]);
  });
});

describe('The text of a chart', () => {
  it.each([
    [0, '0'],
    [0.123456, '0.1235'],
    [-12, '-12'],
    [9999, '9999'],
    [12_345, '12.35k'],
    [3_932_160, '3.932M'],
    [1e9, '1e9'],
    [0.00001234, '1.23e-5'],
    [-1.7976931348623157e308, '-1.8e308'],
  ])('shortens %d', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('describes the chart for people who don’t see it', () => {
    expect(
      describeChart(
        [
          [0, 2],
          [1, null],
          [2, 0.5],
        ],
        'step',
      ),
    ).toBe('2 values, minimum 0.5, maximum 2, last 0.5 at step 2.');
    expect(describeChart([[3, 1]], 'step')).toBe('1 value, minimum 1, maximum 1, last 1 at step 3.');
    expect(describeChart([[0, null]], 'step')).toBe('No finite values.');
  });
});
