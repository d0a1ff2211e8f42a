{{/* A pod's labels: who it is, and whom it may call. */}}
{{- define "restaurants.podlabels" -}}
{{ include "restaurants.selector" . }}
{{- range $part, $port := .is.calls }}
may-call-{{ $part }}: {{ $port | quote }}
{{- end }}
{{- end }}

{{/*
The spec of a pod with one container, as restricted as the Pod Security Standards know. Takes a part as in _part.tpl;
a Job or a test gives `is` and `values` of its own, without ports.
*/}}
{{- define "restaurants.podspec" -}}
{{- mergeOverwrite (include "restaurants.ownpodspec" . | fromYaml) (.values.pod | default dict) | toYaml }}
{{- end }}

{{- define "restaurants.ownpodspec" -}}
{{- if .is.ports }}
serviceAccountName: {{ include "restaurants.partname" . }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "restaurants.selector" . | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- else }}
restartPolicy: {{ .is.restartPolicy }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
# The services take up to 10 s, after the pause before SIGTERM.
terminationGracePeriodSeconds: 30
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .is.sidecars }}
initContainers: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .name }}
    image: {{ .is.image | default .values.image | default (include "restaurants.image" .) | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    {{- with .is.command }}
    command: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .is.args }}
    args: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- include "restaurants.containersecurity" . | nindent 4 }}
    env: {{- include "restaurants.env" . | trim | nindent 6 }}
    {{- if .is.ports }}
    ports:
      {{- range $name, $number := .is.ports }}
      - name: {{ $name }}
        containerPort: {{ $number }}
      {{- end }}
    {{- include "restaurants.probes" . | trim | nindent 4 }}
    {{- end }}
    {{- if .is.serves }}
    lifecycle:
      preStop:
        # Nothing tells a pod that every node has taken it off its Service: until then, calls still come.
        sleep:
          seconds: 3
    {{- end }}
    resources: {{- toYaml .values.resources | nindent 6 }}
    volumeMounts:
      - name: tmp
        mountPath: /tmp
      {{- if .is.data }}
      - name: data
        mountPath: /data
      {{- end }}
      {{- range $name, $volume := .is.volumes }}
      - name: {{ $name }}
        mountPath: {{ $volume.mount }}
        {{- if not (hasKey $volume.volume "emptyDir") }}
        readOnly: true
        {{- end }}
      {{- end }}
      {{- with include "restaurants.kafkamounts" . }}
      {{- . | trim | nindent 6 }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  {{- if .is.data }}
  - name: data
    {{- if .values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ .values.persistence.existingClaim | default (include "restaurants.partname" .) | quote }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  {{- end }}
  {{- range $name, $volume := .is.volumes }}
  - name: {{ $name }}
    {{- toYaml $volume.volume | nindent 4 }}
  {{- end }}
  {{- with include "restaurants.kafkavolumes" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "restaurants.containersecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* `is.env`, and over it `values.env`: numbers and texts; a map is a valueFrom. */}}
{{- define "restaurants.env" -}}
{{- range $name, $value := merge (dict) (.values.env | default dict) (.is.env | default dict) (dict "LOG_LEVEL" .root.Values.logLevel) }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  valueFrom: {{- toYaml $value | nindent 4 }}
  {{- else if kindIs "string" $value }}
  value: {{ $value | quote }}
  {{- else }}
  {{- /* Not toString: it would write 5000000 as 5e+06. */}}
  value: {{ $value | toJson | quote }}
  {{- end }}
{{- end }}
{{- include "restaurants.kafkaenv" . }}
{{- include "restaurants.tracingenv" . }}
{{- end }}

{{- define "restaurants.tracingenv" -}}
{{- with .root.Values.tracing }}
{{- if .endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .ratio | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* /health says that the process lives, /health/ready that it can take work: only the first may end it. */}}
{{- define "restaurants.probes" -}}
{{- $own := .is.probes | default dict }}
{{- $live := $own.live | default (dict "httpGet" (dict "path" "/health" "port" "http")) }}
{{- $ready := $own.ready | default (dict "httpGet" (dict "path" "/health/ready" "port" "http")) }}
startupProbe:
  {{- toYaml $live | nindent 2 }}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  {{- toYaml $live | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  {{- toYaml $ready | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/*
eventor beside a service that knows no Kafka, for the `sidecars` of its part: an init container that is always restarted,
as Kubernetes has its sidecars. Takes {root, values: of the part, config: the name of a volume of the part with
eventor.yaml, env: what that names}. The part says
`sidecarports: {eventor-metrics: 9465}`. How to log in to Kafka is in its environment, for eventor.yaml to name; the part itself says `calls:
{kafka: "true"}`, and so gets the files and may call.
*/}}
{{- define "restaurants.eventor" -}}
{{- $caller := dict "root" .root "values" .values "is" (dict "calls" (dict "kafka" "true")) }}
- name: eventor
  image: {{ include "restaurants.image" (dict "root" .root "name" "eventor") }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  restartPolicy: Always
  args: [-f, /eventor/eventor.yaml]
  {{- include "restaurants.containersecurity" . | nindent 2 }}
  env:
    - name: LOG_LEVEL
      value: {{ .root.Values.logLevel }}
    {{- include "restaurants.kafkaenv" $caller | trim | nindent 4 }}
    {{- include "restaurants.tracingenv" . | nindent 4 }}
    {{- range $name, $value := .env }}
    - name: {{ $name }}
      value: {{ $value | quote }}
    {{- end }}
    # 9464 is the metrics port of the service beside it.
    - name: METRICS_PORT
      value: "9465"
  ports:
    - name: eventor
      containerPort: 5008
    - name: eventor-metrics
      containerPort: 9465
  startupProbe:
    httpGet: {path: /health, port: eventor}
    periodSeconds: 1
    failureThreshold: 60
  livenessProbe:
    httpGet: {path: /health, port: eventor}
    failureThreshold: 3
  resources:
    requests: {cpu: 50m, memory: 96Mi, ephemeral-storage: 16Mi}
    limits: {cpu: "1", memory: 256Mi, ephemeral-storage: 64Mi}
  volumeMounts:
    - name: {{ .config }}
      mountPath: /eventor
      readOnly: true
    - name: tmp
      mountPath: /tmp
    {{- with include "restaurants.kafkamounts" $caller }}
    {{- . | trim | nindent 4 }}
    {{- end }}
{{- end }}
