{{/* Names follow the usual chart rules, so that two releases can share a namespace. */}}
{{- define "deelregie.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "deelregie.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{- $name := include "deelregie.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* What a component's pods are found by: call with (dict "root" $ "component" "api"). */}}
{{- define "deelregie.selector" -}}
app.kubernetes.io/name: {{ include "deelregie.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "deelregie.labels" -}}
{{ include "deelregie.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: deelregie
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "deelregie.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{/* The settings that are no secret. Numbers pass through int64: Helm would print 2e+07. */}}
{{- define "deelregie.settings" -}}
{{- with .Values.settings -}}
DEELREGIE_ENVIRONMENT: {{ .environment | quote }}
DEELREGIE_ISSUER: {{ .issuer | quote }}
DEELREGIE_KAFKA_BOOTSTRAP: {{ .kafkaBootstrap | quote }}
DEELREGIE_KAFKA_SECURITY_PROTOCOL: {{ .kafkaSecurityProtocol | quote }}
DEELREGIE_KAFKA_SASL_MECHANISM: {{ .kafkaSaslMechanism | quote }}
DEELREGIE_KAFKA_USER: {{ .kafkaUser | quote }}
DEELREGIE_OIDC_ISSUER: {{ .oidcIssuer | quote }}
DEELREGIE_OIDC_CLIENT_ID: {{ .oidcClientId | quote }}
DEELREGIE_OIDC_INSZ_CLAIM: {{ .oidcInszClaim | quote }}
DEELREGIE_OIDC_ROLES_CLAIM: {{ .oidcRolesClaim | quote }}
DEELREGIE_ALLOW_TEST_NUMBERS: {{ .allowTestNumbers | quote }}
DEELREGIE_DAY_REGISTRATIONS: {{ .dayRegistrations | quote }}
DEELREGIE_MAX_BODY_BYTES: {{ .maxBodyBytes | int64 | quote }}
DEELREGIE_ACCESS_TOKEN_SECONDS: {{ .accessTokenSeconds | int64 | quote }}
DEELREGIE_FEED_DAYS: {{ .feedDays | int64 | quote }}
DEELREGIE_LOOPBACK_WEBHOOKS: {{ .loopbackWebhooks | quote }}
DEELREGIE_RETENTION: {{ .retention | quote }}
DEELREGIE_LOG_LEVEL: {{ .logLevel | quote }}
{{- end }}
DEELREGIE_LOG_GUARD_FILE: {{ ternary "/log-guard/checkpoint" "" (ne .Values.logGuard.existingClaim "") | quote }}
DEELREGIE_KAFKA_PASSWORD_FILE: {{ include "deelregie.kafkaFile" (dict "root" . "key" .Values.secrets.kafka.password) | quote }}
DEELREGIE_KAFKA_CA_FILE: {{ include "deelregie.kafkaFile" (dict "root" . "key" .Values.secrets.kafka.authority) | quote }}
{{- end }}

{{/* Where a key of the Secret for Kafka is mounted: (dict "root" $ "key" "password"). */}}
{{- define "deelregie.kafkaFile" -}}
{{- if and .key .root.Values.secrets.kafka.existingSecret -}}
/etc/deelregie/kafka/{{ .key }}
{{- end }}
{{- end }}

{{/* The settings that are secret, by reference: (dict "root" $ "databaseUrlKey" "…"). */}}
{{- define "deelregie.secretEnv" -}}
{{- $secret := .root.Values.secrets.existingSecret -}}
{{- $keys := .root.Values.secrets.keys -}}
{{- $env := dict
  "DEELREGIE_DATABASE_URL" (default $keys.databaseUrl .databaseUrlKey)
  "DEELREGIE_KEY_ENCRYPTION_KEY" $keys.keyEncryptionKey
  "DEELREGIE_PSEUDONYM_KEY" $keys.pseudonymKey
  "DEELREGIE_SESSION_SECRET" $keys.sessionSecret
  "DEELREGIE_SIGNING_KEY" $keys.signingKey
  "DEELREGIE_INTAKE_KEY" $keys.intakeKey
  "DEELREGIE_LOG_KEY" $keys.logKey
  "DEELREGIE_OIDC_CLIENT_SECRET" $keys.oidcClientSecret -}}
{{- range $name, $key := $env }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ $key }}
{{- end }}
{{- end }}

{{/* What every pod has in common: (dict "root" $ "component" "api" "serviceAccount" "…"). */}}
{{- define "deelregie.podSpec" -}}
serviceAccountName: {{ .serviceAccount }}
automountServiceAccountToken: false
# Kubernetes would add DEELREGIE_PORT and the like, and the hub refuses unknown settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values }}
{{- with .imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- if not .root.Values.affinity }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "deelregie.selector" . | nindent 8 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- with .root.Values.logGuard.existingClaim }}
  - name: log-guard
    persistentVolumeClaim:
      claimName: {{ . }}
{{- end }}
  {{- with .root.Values.secrets.kafka.existingSecret }}
  - name: kafka
    secret:
      secretName: {{ . }}
  {{- end }}
{{- end }}

{{/* What every container has in common. */}}
{{- define "deelregie.container" -}}
image: {{ include "deelregie.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
{{- if .Values.logGuard.existingClaim }}
  - name: log-guard
    mountPath: /log-guard
{{- end }}
  {{- if .Values.secrets.kafka.existingSecret }}
  - name: kafka
    mountPath: /etc/deelregie/kafka
    readOnly: true
  {{- end }}
{{- end }}

{{- define "deelregie.podAnnotations" -}}
checksum/settings: {{ include "deelregie.settings" . | sha256sum }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}
