import type { Dashboard } from './dashboard-json.ts'
import { graph, here, number, quantile, quantiles, rate } from './panels.ts'

const server = ',status=~"5..|none"'

/** What diners, bank, mail server and kitchen see of the platform. */
export const restaurant: Dashboard = {
  uid: 'kafka-restaurants',
  title: 'Kafka Restaurants: the restaurant',
  description: 'Orders from the click to the mail: how many, how fast, and what they wait for.',
  rows: [
    {
      title: 'Orders',
      panels: [
        number('Orders per minute', {
          says: 'Orders that Kafka has taken. None at an hour when people eat: look at "Errors by API".',
          unit: 'short',
          queries: [[`60 * ${rate('orders_accepted_total')}`, 'accepted']],
          runbook: 'KafkaRestaurantsOrdersRefused',
        }),
        number('Oldest order without outcome', {
          says: 'Age of the oldest order that a worker has and has not settled. From a minute on somebody should act.',
          unit: 's',
          bad: 60,
          queries: [[`max(kafka_oldest_waiting_seconds{${here},group="transaction-service"})`, 'oldest']],
          runbook: 'KafkaRestaurantsOrdersWait',
        }),
        number('Order to mail, p95', {
          says: 'What one mail in twenty takes longer than, from when its order was placed.',
          unit: 's',
          bad: 60,
          queries: [[quantile(0.95, 'order_mail_seconds'), 'p95']],
          runbook: 'KafkaRestaurantsMailAway',
        }),
        number('Dead letters', {
          says: 'Records that nobody has dealt with yet. Each is somebody who waits.',
          unit: 'short',
          bad: 1,
          queries: [[`sum(max by (topic) (kafka_dead_letters_open{${here}}))`, 'open']],
          runbook: 'KafkaRestaurantsDeadLetters',
        }),
        graph('Orders by outcome', {
          says: 'Orders taken, and those settled as paid or declined. Worry while more are taken than settled.',
          unit: 'reqps',
          width: 8,
          queries: [
            [rate('orders_accepted_total'), 'accepted'],
            [rate('orders_settled_total', 'outcome'), '{{outcome}}'],
          ],
          runbook: 'KafkaRestaurantsOrdersWait',
        }),
        graph('Order to confirmed', {
          says: 'From the record of an order to its committed outcome; points lead to traces. Worry from seconds on: the bank, or a worker that is behind.',
          unit: 's',
          width: 8,
          exemplars: true,
          queries: quantiles('order_confirmation_seconds'),
          runbook: 'KafkaRestaurantsOrdersWait',
        }),
        graph('Order to mail', {
          says: 'From when an order was placed to when the mail server has its mail; points lead to traces. Worry when it leaves "Order to confirmed" behind.',
          unit: 's',
          width: 8,
          exemplars: true,
          queries: quantiles('order_mail_seconds'),
          runbook: 'KafkaRestaurantsMailAway',
        }),
      ],
    },
    {
      title: 'Bank and mail server',
      panels: [
        graph('Charge', {
          says: 'How long one call of the bank takes. Worry when p99 comes near the time limit of a call (BANK_TIMEOUT_MS).',
          unit: 's',
          width: 6,
          queries: quantiles('charge_seconds'),
          runbook: 'KafkaRestaurantsBankAway',
        }),
        graph('Calls of the bank by answer', {
          says: 'failed is no answer, or none that decides: such a call is repeated and charges once. Worry when most are.',
          unit: 'reqps',
          width: 6,
          stacked: true,
          queries: [[rate('charge_seconds_count', 'outcome'), '{{outcome}}']],
          runbook: 'KafkaRestaurantsBankAway',
        }),
        graph('SMTP', {
          says: 'How long the mail server takes for one mail. Worry from seconds on: mails fall behind.',
          unit: 's',
          width: 6,
          queries: quantiles('smtp_send_seconds'),
          runbook: 'KafkaRestaurantsMailAway',
        }),
        graph('Mails by answer', {
          says: 'refused becomes a dead letter, put-off and failed are tried again. Worry when failed goes on.',
          unit: 'reqps',
          width: 6,
          stacked: true,
          queries: [[rate('smtp_send_seconds_count', 'outcome'), '{{outcome}}']],
          runbook: 'KafkaRestaurantsMailAway',
        }),
      ],
    },
    {
      title: 'Lines of the restaurants',
      panels: [
        graph('Orders in line', {
          says: 'The ten longest lines. Worry where one grows and its kitchen presses no "ready".',
          unit: 'short',
          width: 8,
          queries: [[`topk(10, sum by (queue) (command_queue_length{${here}}))`, '{{queue}}']],
        }),
        graph('Orders that are cooked', {
          says: 'How many of its places a restaurant uses. Worry where all are taken for long while its line grows.',
          unit: 'percentunit',
          width: 8,
          queries: [
            [
              `topk(10, sum by (queue) (command_queue_running{${here}}) / sum by (queue) (command_queue_limit{${here}}))`,
              '{{queue}}',
            ],
          ],
        }),
        graph('Wait in line', {
          says: 'How long orders have waited when their turn came. Worry when diners would not.',
          unit: 's',
          width: 8,
          queries: quantiles('command_queue_wait_seconds'),
        }),
      ],
    },
    {
      title: 'APIs',
      panels: [
        graph('Requests by API', {
          says: 'Requests that were answered, without probes and streams.',
          unit: 'reqps',
          width: 8,
          queries: [[rate('http_request_duration_seconds_count', 'job'), '{{job}}']],
        }),
        graph('Errors by API', {
          says: 'The share of requests with an error of ours (5xx), or cut off before an answer. Worry above a few percent.',
          unit: 'percentunit',
          width: 8,
          queries: [
            [
              `${rate('http_request_duration_seconds_count', 'job', server)} / ${rate('http_request_duration_seconds_count', 'job')}`,
              '{{job}}',
            ],
          ],
          runbook: 'KafkaRestaurantsOrdersRefused',
        }),
        graph('Duration by API, p95', {
          says: 'Calls that ask to wait (Prefer: wait) take as long as they wait. Worry about all others from a second on.',
          unit: 's',
          width: 8,
          queries: [[quantile(0.95, 'http_request_duration_seconds', 'job'), '{{job}}']],
        }),
        graph('Busiest routes', {
          says: 'The ten routes that are called most.',
          unit: 'reqps',
          queries: [
            [
              `topk(10, ${rate('http_request_duration_seconds_count', 'job, method, route')})`,
              '{{job}} {{method}} {{route}}',
            ],
          ],
        }),
        graph('Slowest routes, p95', {
          says: 'The ten routes that take longest.',
          unit: 's',
          queries: [
            [
              `topk(10, ${quantile(0.95, 'http_request_duration_seconds', 'job, method, route')})`,
              '{{job}} {{method}} {{route}}',
            ],
          ],
        }),
      ],
    },
    {
      title: 'Kitchen, tracking, gateway',
      panels: [
        graph('Tickets of the kitchen', {
          says: 'Orders that are cooked, and that are ready.',
          unit: 'short',
          width: 8,
          queries: [[`sum by (state) (kitchen_tickets{${here}})`, '{{state}}']],
        }),
        graph('Ready, and not told', {
          says: 'Ready tickets of which the command queue does not know. Worry about any that failed, or that wait for minutes: the next order does not begin.',
          unit: 'short',
          width: 8,
          queries: [[`sum by (state) (kitchen_outbox{${here}})`, '{{state}}']],
        }),
        graph('Calls of the command queue by the kitchen', {
          says: 'failed is tried again. Worry when nothing is taken any more.',
          unit: 'reqps',
          width: 8,
          queries: [[rate('kitchen_calls_total', 'outcome'), '{{outcome}}']],
        }),
        graph('Changes of orders', {
          says: 'What tracking has learnt, by the new state. Worry when it stands still while orders come.',
          unit: 'ops',
          width: 8,
          stacked: true,
          queries: [[rate('tracking_changes_total', 'status'), '{{status}}']],
        }),
        graph('Calls over Kafka by outcome', {
          says: 'What became of the calls of the gateway, such as quotes. Worry when most are timed out.',
          unit: 'reqps',
          width: 8,
          queries: [[rate('gateway_calls_total', 'route, outcome'), '{{route}} {{outcome}}']],
          runbook: 'KafkaRestaurantsNoReplies',
        }),
        graph('Calls over Kafka, p95', {
          says: 'From a request to its reply. The page shows no quote after three seconds.',
          unit: 's',
          width: 8,
          bad: 3,
          queries: [[quantile(0.95, 'gateway_round_trip_seconds', 'route'), '{{route}}']],
          runbook: 'KafkaRestaurantsNoReplies',
        }),
      ],
    },
  ],
}
