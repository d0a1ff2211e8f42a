/** Values that can't work, and the words that each is to be refused with; the password `hunter2` is in none of these. */
export const refusals: { release?: string; values: string; words: string }[] = [
  { values: 'siteUrl=eat.example', words: "at '/siteUrl': 'eat.example' does not match pattern" },
  { values: 'kafka.bootstrapServers=', words: 'kafka.bootstrapServers is empty: say where Kafka is' },
  { values: 'kafka.bootstrapServers=kafka', words: 'kafka.bootstrapServers: "kafka" is not host:port.' },
  {
    values: 'kafka.bootstrap=kafka:9092',
    words: "at '/kafka': additional properties 'bootstrap' not allowed",
  },
  {
    values: 'services.backstage.breaksAllowed=yes',
    words: "at '/services/backstage/breaksAllowed': got string, want boolean",
  },
  { values: 'services.banks.replicas=2', words: "at '/services': additional properties 'banks' not allowed" },
  {
    values: 'services.bank.replicas=2',
    words:
      'services.bank: there can be only one replica, because its ledger is one file on a ReadWriteOnce volume',
  },
  { values: 'services.tracking.replicas=2', words: 'services.tracking: there can be only one replica' },
  {
    values: 'services.tracking.database.existingSecret=postgres://user:hunter2@a/b',
    words: 'services.tracking.database.existingSecret is no name of an object',
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
    words: 'kafka.auth: scram-sha-512 needs kafka.userSecret, or a kafkaUserSecret for tracking.',
  },
  {
    values: 'smtp.url=smtp://a,smtp.existingSecret=b',
    words: 'smtp.url and smtp.existingSecret say the same',
  },
  { values: 'tracing.endpoint=tempo:4318', words: 'tracing' },
  { values: 'smtp.url=http://a', words: 'smtp.url is no smtp:// or smtps:// URL' },
  ...[
    'smtp//user:hunter2@mail.example.com',
    'smtp://',
    'smtp://user:hunter2@',
    'smtp://user:hunter2@mail.example.com:many',
    'smtp://user:hunter2@mail example com',
    'smtp://user:hunter2/@mail.example.com',
  ].map(url => ({ values: `smtp.url=${url}`, words: 'smtp.url is no smtp:// or smtps:// URL' })),
  { values: 'smtp.url=smtps://user:hunter2%zz@mail.example.com', words: 'smtp.url has a %' },
  {
    values: 'smtp.existingSecret=smtp://user:hunter2@a',
    words: 'smtp.existingSecret is no name of an object',
  },
  {
    values: 'kafka.bootstrapServers=user:hunter2@kafka',
    words: 'kafka.bootstrapServers: "***@kafka" is not',
  },
  { values: 'kitchen.passwordSecret=staff:hunter2', words: 'kitchen.passwordSecret is no name of an object' },
  { values: 'services.email.persistence.existingClaim=My_Claim', words: 'is no name of an object' },
  { values: 'image.pullSecrets={a,B}', words: 'image.pullSecrets is no name of an object' },
  ...['123', '1-orders', 'a.b'].map(release => ({
    release,
    values: 'logLevel=info',
    words: `The release can't be called ${release}`,
  })),
  { values: 'allowedOrigins={https://a.example/}', words: "at '/allowedOrigins/0'" },
  { values: 'allowedOrigins={*}', words: "at '/allowedOrigins/0'" },
  {
    values: 'catalogue.json=x,catalogue.existingConfigMap=y',
    words: 'catalogue.json and catalogue.existingConfigMap say the same',
  },
  { values: 'catalogue.json=x', words: 'catalogue.json is no JSON object with restaurants' },
  { values: 'httpRoute.enabled=true', words: 'httpRoute.enabled needs httpRoute.parentRefs' },
]
