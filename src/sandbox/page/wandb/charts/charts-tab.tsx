import { useState } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import type { ChartSeries, Excerpt, RunPage } from '../../../slack/protocol/runs-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { SearchField } from '../search-field.tsx';
import { LineChart } from './line-chart.tsx';

/** How many charts a section shows at first. */
const FIRST_CHARTS = 12;

/** The run's charts, in W&B's two sections. */
export function ChartsTab({ page: { charts, system }, color }: { page: RunPage; color: string }) {
  const [query, setQuery] = useState('');
  const isFound = ({ name }: ChartSeries) => name.toLowerCase().includes(query.trim().toLowerCase());
  return (
    <div className="charts">
      <SearchField label="Search charts" value={query} onChange={setQuery} />
      <ChartSection
        heading="Charts"
        charts={charts}
        isFound={isFound}
        unit="Step"
        color={color}
        isOpenAtFirst
      >
        <p className="wandb-quiet">This run hasn’t logged a metric yet.</p>
      </ChartSection>
      {system.items.length > 0 && (
        <ChartSection
          heading="System"
          charts={system}
          isFound={isFound}
          unit="Seconds"
          color={color}
          isOpenAtFirst={false}
        />
      )}
    </div>
  );
}

interface ChartSectionProps {
  heading: string;
  charts: Excerpt<ChartSeries>;
  isFound: (chart: ChartSeries) => boolean;
  unit: string;
  color: string;
  isOpenAtFirst: boolean;
  /** What to show if the run has no chart. */
  children?: React.ReactNode;
}

function ChartSection(props: ChartSectionProps) {
  const { heading, charts, isFound, unit, color, isOpenAtFirst, children } = props;
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const [showsAll, setShowsAll] = useState(false);
  const found = charts.items.filter(isFound);
  const shown = showsAll ? found : found.slice(0, FIRST_CHARTS);
  return (
    <Disclosure className="chart-section" isExpanded={isOpen} onExpandedChange={setIsOpen}>
      <Heading level={2}>
        <Button slot="trigger" className="chart-section-toggle">
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          {heading} <span className="wandb-count">{charts.items.length + charts.more}</span>
        </Button>
      </Heading>
      <DisclosurePanel>
        {isOpen && (
          <>
            {charts.items.length === 0 && children}
            {charts.items.length > 0 && found.length === 0 && (
              <p className="wandb-quiet">No chart has such a name.</p>
            )}
            <div className="chart-grid">
              {shown.map((series) => (
                <LineChart key={series.name} series={series} unit={unit} color={color} />
              ))}
            </div>
            {found.length > shown.length && (
              <Button className="wandb-button" onPress={() => setShowsAll(true)}>
                Show all {found.length} charts
              </Button>
            )}
            {charts.more > 0 && (
              <p className="wandb-quiet">
                {charts.more} more {charts.more === 1 ? 'metric has' : 'metrics have'} no chart here. The
                files have all values.
              </p>
            )}
          </>
        )}
      </DisclosurePanel>
    </Disclosure>
  );
}
