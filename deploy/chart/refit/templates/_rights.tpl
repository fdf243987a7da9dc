{{/* What Refit needs in a namespace, verb by verb; `refit permissions` prints the same for a refit.yaml. */}}
{{- define "refit.watchRules" -}}
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [list]
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [list]
- apiGroups: ['']
  resources: [pods]
  verbs: [list]
# What may stand in a rollout's way.
- apiGroups: ['']
  resources: [resourcequotas, limitranges, persistentvolumeclaims, services]
  verbs: [list]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [list]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list]
{{- end }}

{{- define "refit.writeRules" -}}
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [get, watch, patch]
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, watch, patch]
- apiGroups: [apps]
  resources: [replicasets, controllerrevisions]
  verbs: [list, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch, create, get, delete]
- apiGroups: ['']
  resources: [pods]
  verbs: [watch, delete]
- apiGroups: ['']
  resources: [events]
  verbs: [list]
- apiGroups: ['']
  resources: [pods/log, pods/proxy]
  verbs: [get]
{{- end }}

{{/* Secret and NetworkPolicy of a rehearsal belong to its Job and go with it. */}}
{{- define "refit.rehearseRules" -}}
- apiGroups: [batch]
  resources: [jobs]
  verbs: [patch]
- apiGroups: ['']
  resources: [secrets]
  verbs: [create]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [create]
{{- end }}

{{/* That for Refit's own upgrades has a name of its own, so that its namespace may be one of the others, too. */}}
{{- define "refit.roleName" -}}
{{- $root := index . 0 -}}
{{ include "refit.name" $root }}{{ if ge (index . 2) (len $root.Values.namespaces) }}-self{{ end }}
{{- end }}
