{{/*
Who may call a part: `serves` opens a port to the pods with the label may-call-<part>: <port>, and lets just these out to
it; or to everybody. All else is closed by networkpolicy.yaml.
*/}}
{{- define "restaurants.networkpolicies" -}}
{{- $part := . }}
{{- $name := include "restaurants.partname" . }}
{{- $caller := printf "may-call-%s" .name }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  labels: {{- include "restaurants.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "restaurants.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    {{- range $port, $whom := .is.serves }}
    - ports:
        - port: {{ index $part.is.ports $port }}
      {{- if eq $whom "callers" }}
      from:
        - podSelector:
            matchLabels:
              {{- include "restaurants.everypod" $part.root | nindent 14 }}
              {{ $caller }}: {{ $port }}
      {{- end }}
    {{- end }}
{{- range $port, $whom := .is.serves }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}-callers-of-{{ $port }}
  labels: {{- include "restaurants.labels" $part | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "restaurants.everypod" $part.root | nindent 6 }}
      {{ $caller }}: {{ $port }}
  policyTypes: [Egress]
  egress:
    - ports:
        - port: {{ index $part.is.ports $port }}
      to:
        - podSelector:
            matchLabels: {{- include "restaurants.selector" $part | nindent 14 }}
{{- end }}
{{- end }}

{{/* Lets who may call something outside, by the label may-call-<it>: out, do so. Takes (list $ "email" "smtp" ports). */}}
{{- define "restaurants.out" -}}
{{- $root := index . 0 }}
{{- $what := index . 2 }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "restaurants.fullname" $root }}-callers-of-{{ $what }}
  labels: {{- include "restaurants.labels" (dict "root" $root "name" (index . 1)) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "restaurants.everypod" $root | nindent 6 }}
      may-call-{{ $what }}: out
  policyTypes: [Egress]
  egress:
    - ports:
        {{- range uniq (index . 3) }}
        - port: {{ . | int }}
        {{- end }}
{{- end }}
