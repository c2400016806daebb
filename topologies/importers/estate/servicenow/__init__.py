"""ServiceNow's CMDB: `records` reads exports of any shape, `classes` says what a CI class is, `reader` makes a draft,
`table_api` fetches the tables of an instance, `status` writes the operational status of CIs back."""
