{{/* The release's name, with the chart's in it. */}}
{{- define "restaurants.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* Where people find the site; empty where the values don't say. */}}
{{- define "restaurants.siteurl" -}}
{{- $ingress := and .Values.ingress.enabled .Values.ingress.host }}
{{- $route := and .Values.httpRoute.enabled (first .Values.httpRoute.hostnames) }}
{{- if .Values.siteUrl -}}
{{ .Values.siteUrl }}
{{- else if and $ingress (not (hasPrefix "*" $ingress)) -}}
http{{ if .Values.ingress.tlsSecret }}s{{ end }}://{{ $ingress }}
{{- else if and $route (not (hasPrefix "*" $route)) -}}
http://{{ $route }}
{{- end -}}
{{- end }}

{{/* From here on, a template takes a part: {root: the chart's scope, name: such as bank}, and what else it names. */}}

{{- define "restaurants.partname" -}}
{{ include "restaurants.fullname" .root }}-{{ .name }}
{{- end }}

{{- define "restaurants.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "restaurants.labels" -}}
{{ include "restaurants.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* Image of a service of ours; `name` is the service. */}}
{{- define "restaurants.image" -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
kafka-restaurants/{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* All pods of this release. */}}
{{- define "restaurants.everypod" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* "true" where a mail server of one's own stands in for the inbox. */}}
{{- define "restaurants.ownsmtp" -}}
{{- if or .Values.smtp.url .Values.smtp.existingSecret }}true{{ end -}}
{{- end }}
