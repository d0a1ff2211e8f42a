{{/* How a part that says `calls: {kafka: "true"}` reaches Kafka: environment, and the files that it names. */}}

{{- define "restaurants.kafkausersecret" -}}
{{ .values.kafkaUserSecret | default .root.Values.kafka.userSecret }}
{{- end }}

{{- define "restaurants.kafkaenv" -}}
{{- if (.is.calls).kafka }}
{{- with .root.Values.kafka }}
- name: BOOTSTRAP_SVR
  value: {{ .bootstrapServers | quote }}
{{- if .tls.enabled }}
- name: KAFKA_TLS
  value: "true"
{{- if .tls.caSecret }}
- name: KAFKA_CA_FILE
  value: /kafka/ca/ca.crt
{{- end }}
{{- end }}
{{- if eq .auth "tls" }}
- name: KAFKA_CERT_FILE
  value: /kafka/user/user.crt
- name: KAFKA_KEY_FILE
  value: /kafka/user/user.key
{{- else if ne .auth "none" }}
- name: KAFKA_SASL
  value: {{ .auth }}
- name: KAFKA_USERNAME
  value: {{ .username | default (include "restaurants.kafkausersecret" $) | quote }}
- name: KAFKA_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "restaurants.kafkausersecret" $ | quote }}
      key: password
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Which Secrets are files: {ca, user}. */}}
{{- define "restaurants.kafkafiles" -}}
{{- if (.is.calls).kafka }}
{{- with .root.Values.kafka }}
{{- if and .tls.enabled .tls.caSecret }}
ca: {{ .tls.caSecret | quote }}
{{- end }}
{{- if eq .auth "tls" }}
user: {{ include "restaurants.kafkausersecret" $ | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "restaurants.kafkamounts" }}
{{- range $name, $secret := include "restaurants.kafkafiles" . | fromYaml }}
- name: kafka-{{ $name }}
  mountPath: /kafka/{{ $name }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "restaurants.kafkavolumes" }}
{{- range $name, $secret := include "restaurants.kafkafiles" . | fromYaml }}
- name: kafka-{{ $name }}
  secret:
    secretName: {{ $secret | quote }}
{{- end }}
{{- end }}

{{/* How to log in, by librdkafka's names, for a file that has its own; secrets stay in the environment. */}}
{{- define "restaurants.librdkafkalogin" -}}
{{- with .Values.kafka }}
{{- if not (has .auth (list "none" "tls")) }}
security.protocol: {{ ternary "sasl_ssl" "sasl_plaintext" .tls.enabled }}
sasl.mechanism: {{ .auth }}
sasl.username: ${KAFKA_USERNAME}
sasl.password: ${KAFKA_PASSWORD}
{{- else if .tls.enabled }}
security.protocol: ssl
{{- end }}
{{- if and .tls.enabled .tls.caSecret }}
ssl.ca.location: ${KAFKA_CA_FILE}
{{- end }}
{{- if eq .auth "tls" }}
ssl.certificate.location: ${KAFKA_CERT_FILE}
ssl.key.location: ${KAFKA_KEY_FILE}
{{- end }}
{{- end }}
{{- end }}
