{{/* What scales a part that `values.services.<name>.autoscaling` is enabled for: lag where it can, CPU elsewhere. */}}
{{- define "restaurants.scaling" -}}
{{- if and .root.Values.keda.enabled .is.consumes }}
{{- include "restaurants.scaledobject" . }}
{{- else }}
{{- include "restaurants.hpa" . }}
{{- end }}
{{- end }}

{{- define "restaurants.hpa" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "restaurants.partname" . }}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.autoscaling.targetCPU }}
{{- end }}

{{- define "restaurants.scaledobject" -}}
{{- $kafka := .root.Values.kafka }}
{{- $keda := .root.Values.keda }}
{{- $name := include "restaurants.partname" . }}
{{- $files := include "restaurants.kafkafiles" . | fromYaml }}
{{- $secured := or $files (ne $kafka.auth "none") }}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $name }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ $name }}
  minReplicaCount: {{ .values.autoscaling.minReplicas }}
  maxReplicaCount: {{ .values.autoscaling.maxReplicas }}
  pollingInterval: {{ $keda.pollingInterval }}
  cooldownPeriod: {{ $keda.cooldownPeriod }}
  triggers:
    {{- range .is.consumes.topics }}
    - type: kafka
      metadata:
        bootstrapServers: {{ $kafka.bootstrapServers | quote }}
        consumerGroup: {{ $.is.consumes.group }}
        topic: {{ . }}
        lagThreshold: {{ $keda.lagThreshold | int | quote }}
        # As the workers do: a group that is new begins with the oldest record.
        offsetResetPolicy: earliest
        {{- if $kafka.tls.enabled }}
        tls: enable
        {{- end }}
        {{- if hasPrefix "scram" $kafka.auth }}
        sasl: {{ $kafka.auth | replace "-sha-" "_sha" | replace "-" "_" }}
        {{- else if eq $kafka.auth "plain" }}
        sasl: plaintext
        {{- end }}
      {{- if $secured }}
      authenticationRef:
        name: {{ $name }}
      {{- end }}
    {{- end }}
{{- if $secured }}
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: {{ $name }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
spec:
  {{- if $files }}
  secretTargetRef:
    {{- with $files.ca }}
    - parameter: ca
      name: {{ . | quote }}
      key: ca.crt
    {{- end }}
    {{- with $files.user }}
    - parameter: cert
      name: {{ . | quote }}
      key: user.crt
    - parameter: key
      name: {{ . | quote }}
      key: user.key
    {{- end }}
  {{- end }}
  {{- if not (has $kafka.auth (list "none" "tls")) }}
  # As the worker itself has them.
  env:
    - parameter: username
      name: KAFKA_USERNAME
      containerName: {{ .name }}
    - parameter: password
      name: KAFKA_PASSWORD
      containerName: {{ .name }}
  {{- end }}
{{- end }}
{{- end }}
