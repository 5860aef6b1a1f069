{{- define "catalogue.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default .Release.Name .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "catalogue.labels" -}}
app.kubernetes.io/name: catalogue
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
