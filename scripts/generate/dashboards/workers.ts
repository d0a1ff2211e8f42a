import type { Dashboard } from './dashboard-json.ts'
import { graph, here, number, quantile, rate } from './panels.ts'

/** How Kafka and those who work on its records are. */
export const workers: Dashboard = {
  uid: 'kafka-restaurants-workers',
  title: 'Kafka Restaurants: Kafka and workers',
  description: 'What waits, for whom and why; what was set aside; what each process takes.',
  rows: [
    {
      title: 'Now',
      panels: [
        number('Groups without a worker', {
          says: 'Groups that have no member. With KEDA that is right while nothing waits for them.',
          unit: 'short',
          bad: 1,
          queries: [[`count(max by (group) (kafka_group_members{${here}}) == 0) or vector(0)`, 'groups']],
          runbook: 'KafkaRestaurantsNoConsumer',
        }),
        number('Groups in an outage', {
          says: 'Groups that wait for what they call, or to commit. Worry after minutes.',
          unit: 'short',
          bad: 1,
          queries: [[`sum(max by (group) (kafka_group_outage{${here}}))`, 'groups']],
          runbook: 'KafkaRestaurantsOutage',
        }),
        number('Records that wait', {
          says: 'All that groups have not committed yet, as Kafka sees it.',
          unit: 'short',
          queries: [[`sum(max by (group, topic) (kafka_group_lag{${here}}))`, 'records']],
          runbook: 'KafkaRestaurantsLag',
        }),
        number('Dead letters', {
          says: 'Records that nobody has dealt with yet. Worry about any.',
          unit: 'short',
          bad: 1,
          queries: [[`sum(max by (topic) (kafka_dead_letters_open{${here}}))`, 'open']],
          runbook: 'KafkaRestaurantsDeadLetters',
        }),
      ],
    },
    {
      title: 'What waits',
      panels: [
        graph('Lag', {
          says: 'Records that a group has not committed, also while none of its workers lives. Worry when it grows for minutes.',
          unit: 'short',
          width: 8,
          queries: [[`max by (group, topic) (kafka_group_lag{${here}})`, '{{group}} {{topic}}']],
          runbook: 'KafkaRestaurantsLag',
        }),
        graph('Age of the oldest record', {
          says: 'Of those that a worker has and has not committed. Worry above a minute.',
          unit: 's',
          width: 8,
          queries: [[`max by (group, topic) (kafka_oldest_waiting_seconds{${here}})`, '{{group}} {{topic}}']],
          runbook: 'KafkaRestaurantsStuck',
        }),
        graph('Members of groups', {
          says: 'Workers that Kafka counts in a group. Worry when a group has none, or fewer than pods.',
          unit: 'short',
          width: 8,
          queries: [[`max by (group) (kafka_group_members{${here}})`, '{{group}}']],
          runbook: 'KafkaRestaurantsNoConsumer',
        }),
        graph('Outages', {
          says: '1 while a group waits for what its handling calls, or for its commit. Worry after minutes.',
          unit: 'short',
          width: 8,
          queries: [[`max by (group, of) (kafka_group_outage{${here}})`, '{{group}} {{of}}']],
          runbook: 'KafkaRestaurantsOutage',
        }),
        graph('Partitions that wait', {
          says: 'How many partitions an outage holds up; nothing is lost meanwhile.',
          unit: 'short',
          width: 8,
          queries: [[`sum by (group) (kafka_partitions_paused{${here}})`, '{{group}}']],
          runbook: 'KafkaRestaurantsOutage',
        }),
        graph('Records put off', {
          says: 'Records that are tried again each by itself, while others pass. Worry when they stay.',
          unit: 'short',
          width: 8,
          queries: [[`sum by (group) (kafka_records_put_off{${here}})`, '{{group}}']],
          runbook: 'KafkaRestaurantsStuck',
        }),
      ],
    },
    {
      title: 'What is done',
      panels: [
        graph('Records handled', {
          says: 'Records per second that are done, by group and topic.',
          unit: 'ops',
          width: 8,
          queries: [
            [rate('kafka_records_total', 'group, topic', ',outcome="handled"'), '{{group}} {{topic}}'],
          ],
        }),
        graph('Retries', {
          says: 'Tries that failed and are repeated. A few are nothing; worry when they go on.',
          unit: 'ops',
          width: 8,
          queries: [
            [rate('kafka_records_total', 'group, topic', ',outcome="failed"'), '{{group}} {{topic}}'],
          ],
          runbook: 'KafkaRestaurantsStuck',
        }),
        graph('Open dead letters by topic', {
          says: 'What the desk has still to deal with. Worry about any.',
          unit: 'short',
          width: 8,
          bad: 1,
          queries: [[`max by (topic) (kafka_dead_letters_open{${here}})`, '{{topic}}']],
          runbook: 'KafkaRestaurantsDeadLetters',
        }),
        graph('Records in a transaction, p95', {
          says: 'How many records one commit has. It grows with the load, up to the hundreds; 1 at all times under load means that each waits for its own commit.',
          unit: 'short',
          width: 8,
          queries: [[quantile(0.95, 'kafka_transaction_records', 'group'), '{{group}}']],
        }),
        graph('Transactions', {
          says: 'Commits per second. A worker makes 13 at most, however many records it has.',
          unit: 'ops',
          width: 8,
          queries: [[rate('kafka_transaction_records_count', 'group'), '{{group}}']],
        }),
        graph('Decisions of the command queue', {
          says: 'What became of commands and events of lines: IGNORE says why.',
          unit: 'ops',
          width: 8,
          queries: [[rate('command_queue_decisions_total', 'decision, why'), '{{decision}} {{why}}']],
        }),
      ],
    },
    {
      title: 'Events in and out',
      panels: [
        graph('Spool of the event bus', {
          says: 'Events that Kafka has not taken. Worry when it does not go back to zero.',
          unit: 'short',
          width: 6,
          queries: [[`sum by (job) (event_bus_spooled{${here}})`, '{{job}}']],
          runbook: 'KafkaRestaurantsSpool',
        }),
        graph('Events of the event bus', {
          says: 'Events that Kafka has taken. Worry when there are none while orders change.',
          unit: 'ops',
          width: 6,
          queries: [[rate('event_bus_outbound_total', 'job'), '{{job}}']],
        }),
        graph('Calls of eventor', {
          says: 'Calls of its endpoint by the answer. Worry about 5xx and network that go on.',
          unit: 'reqps',
          width: 6,
          queries: [[rate('eventor_calls_total', 'pipeline, status'), '{{pipeline}} {{status}}']],
        }),
        graph('Calls of eventor, p95', {
          says: 'How long the endpoint takes. Worry near its time limit.',
          unit: 's',
          width: 6,
          queries: [[quantile(0.95, 'eventor_call_seconds', 'pipeline'), '{{pipeline}}']],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph('CPU', {
          says: 'Cores that each part takes, all its replicas together. Worry at the limit: 1 for most of them, each.',
          unit: 'short',
          width: 8,
          queries: [[rate('process_cpu_seconds_total', 'job'), '{{job}}']],
        }),
        graph('Memory', {
          says: 'Of the largest process of each part. Worry near the limit of its container: it is killed there.',
          unit: 'bytes',
          width: 8,
          queries: [[`max by (job) (process_resident_memory_bytes{${here}})`, '{{job}}']],
        }),
        graph('Event loop, p99', {
          says: 'How late what is due begins, in the slowest process of each part. Worry from 100 ms on: everything there waits.',
          unit: 's',
          width: 8,
          bad: 0.1,
          queries: [[`max by (job) (nodejs_eventloop_lag_p99_seconds{${here}})`, '{{job}}']],
        }),
        graph('Lost lines of the log', {
          says: 'Lines that could not be written, so that the service could go on. Worry about any.',
          unit: 'ops',
          queries: [[rate('log_lines_lost_total', 'job'), '{{job}}']],
        }),
        graph('Restarts', {
          says: 'Seconds since a process of each part began. Worry when it falls again and again.',
          unit: 's',
          queries: [[`min by (job) (time() - process_start_time_seconds{${here}})`, '{{job}}']],
        }),
      ],
    },
  ],
}
