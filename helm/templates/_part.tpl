{{/*
Everything that one part of the platform is in the cluster. Takes (list $ "bank"); values.services.bank says how much of
it, and the template restaurants.bank says, as YAML, what it is:

  ports         by name; the probes ask http, and metrics is scraped
  serves        port: callers (pods with the label may-call-bank: <port>), or everybody
  calls         part: port, for each part that it calls; kafka: "true" where it talks to Kafka
  consumes      {group, topics} of a worker, which KEDA scales by
  single        why there can't be two of it, where there can't
  env           its environment
  data          true where it keeps files in /data: on a claim or, without persistence, as long as the pod
  sidecars      more containers, such as restaurants.eventor
  sidecarports  by name: what of them others call
  volumes       name: {mount, volume}, of which volume is as in a pod
  checksum      what it can't reload: a change of it makes new pods
  image, command, args, probes: in place of those that all services share
*/}}
{{- define "restaurants.part" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $is := include (printf "restaurants.%s" $name) $root | fromYaml }}
{{- with $is.Error }}{{ fail (printf "templates/%s.yaml: %s" $name .) }}{{ end }}
{{- $values := index $root.Values.services $name }}
{{- $part := dict "root" $root "name" $name "is" $is "values" $values "scaled" (dig "autoscaling" "enabled" false $values) }}
{{- include "restaurants.possible" $part }}
{{- include "restaurants.serviceaccount" $part }}
---
{{ include "restaurants.deployment" $part }}
---
{{ include "restaurants.service" $part }}
---
{{ include "restaurants.disruption" $part }}
{{- if $part.scaled }}
---
{{ include "restaurants.scaling" $part }}
{{- end }}
{{- if and $is.data $values.persistence.enabled (not $values.persistence.existingClaim) }}
---
{{ include "restaurants.claim" $part }}
{{- end }}
{{- if and $is.serves $root.Values.networkPolicy.enabled }}
{{ include "restaurants.networkpolicies" $part }}
{{- end }}
{{- end }}

{{/* Fails, in words, for numbers of replicas that can't work. */}}
{{- define "restaurants.possible" -}}
{{- $key := printf "services.%s" .name }}
{{- $several := or .scaled (gt (int .values.replicas) 1) }}
{{- if and .is.single $several }}
{{- fail (printf "%s: there can be only one replica, because %s." $key .is.single) }}
{{- end }}
{{- if and .is.data .values.persistence.enabled $several }}
{{- fail (printf "%s: several replicas can't share one ReadWriteOnce volume; turn persistence or autoscaling off, and set replicas to 1." $key) }}
{{- end }}
{{- if .scaled }}
{{- $least := int .values.autoscaling.minReplicas }}
{{- $most := int .values.autoscaling.maxReplicas }}
{{- $keda := and .is.consumes .root.Values.keda.enabled }}
{{- if gt $least $most }}
{{- fail (printf "%s.autoscaling: minReplicas (%d) is more than maxReplicas (%d)." $key $least $most) }}
{{- end }}
{{- if and (eq $least 0) (not $keda) }}
{{- fail (printf "%s.autoscaling.minReplicas: 0 needs keda.enabled and a worker, as an HPA can't scale to zero." $key) }}
{{- end }}
{{- if and .is.consumes (gt $most (int .root.Values.topics.partitions)) }}
{{- fail (printf "%s.autoscaling.maxReplicas (%d) is more than topics.partitions (%d): the rest would have nothing to do." $key $most (int .root.Values.topics.partitions)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "restaurants.serviceaccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
automountServiceAccountToken: false
{{- end }}

{{- define "restaurants.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
  annotations:
    # IfNotPresent: images that were loaded by hand can't be pulled.
    kube-score/ignore: container-image-pull-policy
spec:
  {{- if not .scaled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    {{- if or .is.single (and .is.data .values.persistence.enabled) }}
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
    {{- end }}
  selector:
    matchLabels: {{- include "restaurants.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "restaurants.podlabels" . | nindent 8 }}
      {{- with .is.checksum }}
      annotations:
        checksum/config: {{ sha256sum . }}
      {{- end }}
    spec: {{- include "restaurants.podspec" . | trim | nindent 6 }}
{{- end }}

{{- define "restaurants.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
  {{- with (.values.service).annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ (.values.service).type | default "ClusterIP" }}
  selector: {{- include "restaurants.selector" . | nindent 4 }}
  ports:
    {{- $service := .values.service }}
    {{- range $name, $number := .is.ports }}
    - name: {{ $name }}
      port: {{ ($service).port | default $number }}
      targetPort: {{ $name }}
      {{- with ($service).nodePort }}
      nodePort: {{ . }}
      {{- end }}
    {{- end }}
    {{- range $name, $number := .is.sidecarports }}
    - name: {{ $name }}
      port: {{ $number }}
      targetPort: {{ $number }}
    {{- end }}
{{- end }}

{{- define "restaurants.disruption" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "restaurants.selector" . | nindent 6 }}
{{- end }}

{{- define "restaurants.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "restaurants.partname" . }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
  {{- if .values.persistence.keep }}
  annotations:
    helm.sh/resource-policy: keep
    argocd.argoproj.io/sync-options: Prune=false
  {{- end }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .values.persistence.storageClass }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ .values.persistence.size | quote }}
{{- end }}
