/** Values that can't work, and the words that each is to be refused with. */
export const refusals: { values: string; words: string }[] = [
  { values: 'kafka.bootstrapServers=', words: 'kafka.bootstrapServers is empty: say where Kafka is' },
  { values: 'kafka.bootstrapServers=kafka', words: 'kafka.bootstrapServers: "kafka" is not host:port.' },
  {
    values: 'kafka.bootstrap=kafka:9092',
    words: "at '/kafka': additional properties 'bootstrap' not allowed",
  },
  { values: 'services.banks.replicas=2', words: "at '/services': additional properties 'banks' not allowed" },
  {
    values: 'services.bank.replicas=2',
    words:
      'services.bank: there can be only one replica, because its ledger is one file on a ReadWriteOnce volume',
  },
  { values: 'services.inbox.replicas=2', words: 'services.inbox: there can be only one replica' },
  {
    values: 'services.email.persistence.enabled=true',
    words: "services.email: several replicas can't share one ReadWriteOnce volume",
  },
  { values: 'services.email.autoscaling.minReplicas=0', words: "an HPA can't scale to zero" },
  {
    values: 'services.web.autoscaling.enabled=true,services.web.autoscaling.minReplicas=4',
    words: 'is more than',
  },
  { values: 'topics.partitions=3', words: 'is more than topics.partitions (3)' },
  { values: 'kafka.auth=tls', words: 'kafka.auth: tls needs kafka.tls.enabled' },
  { values: 'kafka.tls.caSecret=ca', words: 'kafka.tls.caSecret needs kafka.tls.enabled' },
  {
    values: 'kafka.auth=scram-sha-512,services.search-order.kafkaUserSecret=user',
    words: 'kafka.auth: scram-sha-512 needs kafka.userSecret, or a kafkaUserSecret for transaction.',
  },
  {
    values: 'smtp.url=smtp://a,smtp.existingSecret=b',
    words: 'smtp.url and smtp.existingSecret say the same',
  },
  { values: 'smtp.url=http://a', words: "at '/smtp/url'" },
  {
    values: 'catalogue.json=x,catalogue.existingConfigMap=y',
    words: 'catalogue.json and catalogue.existingConfigMap say the same',
  },
  { values: 'catalogue.json=x', words: 'catalogue.json is no JSON object with restaurants' },
  { values: 'httpRoute.enabled=true', words: 'httpRoute.enabled needs httpRoute.parentRefs' },
]
