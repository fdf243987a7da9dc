/** Events as registries send them, with the fields that their documentation names; those that are read and some that aren't. */
export const pushed = {
  distribution: {
    events: [
      {
        id: '320678d8-ca14-430f-8bb6-4ca139cd83f7',
        timestamp: '2026-11-24T20:00:00Z',
        action: 'push',
        target: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          size: 708,
          digest: `sha256:${'a'.repeat(64)}`,
          length: 708,
          repository: 'hub/ledger',
          url: `http://10.0.0.9:5000/v2/hub/ledger/manifests/sha256:${'a'.repeat(64)}`,
          tag: 'v1.0.1',
        },
        request: {
          id: '1',
          addr: '10.0.0.7:53442',
          host: '10.0.0.9:5000',
          method: 'PUT',
          useragent: 'docker/29.0',
        },
        actor: {},
        source: { addr: 'registry:5000', instanceID: 'x' },
      },
    ],
  },
  dockerhub: {
    callback_url: 'https://registry.hub.docker.com/u/hub/ledger/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/',
    push_data: { pushed_at: 1795550400, pusher: 'ana', tag: 'v1.0.1' },
    repository: {
      is_official: false,
      is_private: false,
      name: 'ledger',
      namespace: 'hub',
      owner: 'hub',
      repo_name: 'hub/ledger',
      repo_url: 'https://hub.docker.com/r/hub/ledger',
      status: 'Active',
    },
  },
  harbor: {
    type: 'PUSH_ARTIFACT',
    occur_at: 1795550400,
    operator: 'admin',
    event_data: {
      resources: [
        {
          digest: `sha256:${'a'.repeat(64)}`,
          tag: 'v1.0.1',
          resource_url: 'harbor.example.org/hub/ledger:v1.0.1',
        },
      ],
      repository: {
        date_created: 1795550000,
        name: 'ledger',
        namespace: 'hub',
        repo_full_name: 'hub/ledger',
        repo_type: 'private',
      },
    },
  },
  ghcr: {
    action: 'published',
    package: {
      id: 1,
      name: 'ledger',
      namespace: 'Hub',
      ecosystem: 'CONTAINER',
      package_type: 'CONTAINER',
      owner: { login: 'Hub', type: 'Organization' },
      package_version: {
        id: 2,
        version: `sha256:${'a'.repeat(64)}`,
        name: `sha256:${'a'.repeat(64)}`,
        container_metadata: {
          tag: { name: 'v1.0.1', digest: `sha256:${'a'.repeat(64)}` },
          labels: { source: 'https://github.com/hub/ledger' },
        },
        package_url: 'ghcr.io/Hub/ledger:v1.0.1',
      },
      registry: { name: 'GitHub CONTAINER registry', type: 'CONTAINER', url: 'https://CONTAINER.pkg.github.com/Hub' },
    },
    sender: { login: 'ana' },
  },
  quay: {
    name: 'ledger',
    repository: 'hub/ledger',
    namespace: 'hub',
    docker_url: 'quay.io/hub/ledger',
    homepage: 'https://quay.io/repository/hub/ledger',
    updated_tags: ['v1.0.1', 'latest'],
  },
}

/** Other shapes that mean the same. */
export const alsoPushed = {
  'harbor in CloudEvents': [
    'harbor',
    {
      specversion: '1.0',
      id: '1',
      source: '/projects/1/webhook/policies/1',
      type: 'harbor.artifact.pushed',
      datacontenttype: 'application/json',
      data: pushed.harbor.event_data,
      operator: 'admin',
    },
  ],
  'GitHub as registry_package': ['ghcr', { action: 'published', registry_package: pushed.ghcr.package }],
  'an old Quay, with a map of tags': ['quay', { ...pushed.quay, updated_tags: { 'v1.0.1': 'b750fe79' } }],
  'an envelope in which only one event fits': [
    'distribution',
    { events: [null, { action: 'push', target: 7 }, ...pushed.distribution.events, { action: 'pull' }] },
  ],
} as const

const [event] = pushed.distribution.events
/** What is no push of a tag. */
export const ignored = {
  'a pull': ['distribution', { events: [{ ...event, action: 'pull' }] }],
  'a layer': ['distribution', { events: [{ ...event, target: { ...event?.target, tag: undefined } }] }],
  'an empty envelope': ['distribution', { events: [] }],
  'a deleted artifact': ['harbor', { ...pushed.harbor, type: 'DELETE_ARTIFACT' }],
  'an artifact without a tag': [
    'harbor',
    { ...pushed.harbor, event_data: { ...pushed.harbor.event_data, resources: [{ digest: 'sha256:1', tag: '' }] } },
  ],
  'a push that names no tag': ['dockerhub', { repository: { repo_name: 'hub/ledger' }, push_data: {} }],
  "GitHub's ping": ['ghcr', { zen: 'Keep it logically awesome.', hook_id: 1 }],
  'a package that is no image': ['ghcr', { ...pushed.ghcr, package: { ...pushed.ghcr.package, package_type: 'npm' } }],
  'an attestation': [
    'ghcr',
    {
      ...pushed.ghcr,
      package: { ...pushed.ghcr.package, package_version: { container_metadata: { tag: { name: '' } } } },
    },
  ],
  'a queued build': ['quay', { ...pushed.quay, updated_tags: undefined, build_id: '1', trigger_kind: 'github' }],
  'no updated tag': ['quay', { ...pushed.quay, updated_tags: [] }],
  null: ['quay', null],
  'a list': ['dockerhub', [pushed.dockerhub]],
  'a text': ['harbor', 'PUSH_ARTIFACT'],
} as const
