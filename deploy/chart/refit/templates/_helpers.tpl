{{/* What the chart's objects are called: the worker's plain, the others with what they are. */}}
{{- define "refit.name" -}}
{{- if contains "refit" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-refit{{ end }}
{{- end }}

{{- define "refit.image" -}}
{{- .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "refit.labels" -}}
app.kubernetes.io/part-of: refit
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The same with what part it is of. Takes (list . "refit-worker"). */}}
{{- define "refit.partLabels" -}}
app.kubernetes.io/name: {{ index . 1 }}
{{ include "refit.labels" (index . 0) }}
{{- end }}

{{/* Labels by which pods of one part are found. Takes (list . "refit-worker"). */}}
{{- define "refit.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{- define "refit.workerAccount" -}}
{{ .Values.worker.serviceAccount.name | default (include "refit.name" .) }}
{{- end }}

{{- define "refit.serverAccount" -}}
{{ .Values.server.serviceAccount.name | default (printf "%s-server" (include "refit.name" .)) }}
{{- end }}

{{- define "refit.configMap" -}}
{{- if and .Values.config .Values.existingConfigMap }}
{{- fail "Give config or existingConfigMap, not both: there is one refit.yaml." }}
{{- end }}
{{- if not (or .Values.config .Values.existingConfigMap) }}
{{- fail "Give refit.yaml: --set-file config=refit.yaml, or existingConfigMap." }}
{{- end }}
{{- .Values.existingConfigMap | default (include "refit.name" .) }}
{{- end }}

{{/* What is the same of every pod's spec. */}}
{{- define "refit.pod" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* What is the same of every container. */}}
{{- define "refit.container" -}}
image: {{ include "refit.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
envFrom:
  # Variables that refit.yaml names: databases of migrations, addresses of alerts.
  - secretRef: { name: {{ .Values.existingSecret }} }
{{- end }}

{{- define "refit.env" -}}
- name: DATABASE_URL
  valueFrom: { secretKeyRef: { name: {{ .Values.existingSecret }}, key: DATABASE_URL } }
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- with .Values.temporal.uiUrl }}
- name: TEMPORAL_UI_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "refit.volumeMounts" -}}
- { name: config, mountPath: /etc/refit, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "refit.volumes" -}}
- name: config
  configMap: { name: {{ include "refit.configMap" . }} }
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A pod that starts anew when the refit.yaml of the chart changes. */}}
{{- define "refit.podAnnotations" -}}
{{- $annotations := merge (dict) (index . 1) }}
{{- with (index . 0).Values.config }}
{{- $_ := set $annotations "checksum/config" (sha256sum .) }}
{{- end }}
{{- with $annotations }}
annotations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
